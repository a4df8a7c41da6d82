package sheet

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// errMore means that a tag goes on after the end of the buffer.
var errMore = io.ErrShortBuffer

// startTag reads a start tag with all its attributes. When the buffer ends in
// the middle, more is read and the tag is begun again.
func (x *scanner) startTag() (token, error) {
	for {
		token, err := x.parseStart()
		if err != errMore {
			return token, err
		}
		if x.atEOF {
			return 0, x.early()
		}
		if err := x.fill(); err != nil {
			return 0, err
		}
	}
}

func (x *scanner) parseStart() (token, error) {
	tag := x.buf[x.pos+1 : x.end]
	n := 0
	for n < len(tag) && class[tag[n]]&endsName == 0 {
		n++
	}
	if n == len(tag) {
		return 0, errMore
	}
	if n == 0 {
		return 0, x.malformed("a tag without a name")
	}
	name := tag[:n]
	used, declares, err := x.parseAttrs(tag[n:])
	if err != nil {
		return 0, err
	}
	if err := x.push(name, declares); err != nil {
		return 0, err
	}
	x.pendingEnd = tag[n+used-2] == '/'
	x.pos += 1 + n + used
	return tokenStart, nil
}

// parseAttrs reads up to and with the tag's ">" and returns how many bytes that is.
func (x *scanner) parseAttrs(tag []byte) (used int, declares bool, err error) {
	x.attrs = x.attrs[:0]
	i := 0
	for {
		for i < len(tag) && blank(tag[i]) {
			i++
		}
		if i == len(tag) {
			return 0, false, errMore
		}
		switch tag[i] {
		case '>':
			return i + 1, declares, nil
		case '/':
			if i+1 == len(tag) {
				return 0, false, errMore
			}
			if tag[i+1] != '>' {
				return 0, false, x.malformed("a stray slash in a tag")
			}
			return i + 2, declares, nil
		}
		if i == 0 || !blank(tag[i-1]) {
			return 0, false, x.malformed("two attributes without a space between them")
		}
		equals := bytes.IndexByte(tag[i:], '=')
		if equals < 0 {
			return 0, false, x.lackingEquals(tag[i:])
		}
		name := tag[i : i+equals]
		for len(name) > 0 && blank(name[len(name)-1]) {
			name = name[:len(name)-1]
		}
		i += equals + 1
		for i < len(tag) && blank(tag[i]) {
			i++
		}
		if i == len(tag) {
			return 0, false, errMore
		}
		quote := tag[i]
		if quote != '"' && quote != '\'' {
			return 0, false, x.malformed("an attribute without quotes")
		}
		i++
		length := bytes.IndexByte(tag[i:], quote)
		if length < 0 {
			return 0, false, errMore
		}
		c, ok := x.names.attribute(name)
		if !ok {
			return 0, false, x.malformed("an attribute with an impossible name")
		}
		declares = declares || c == codeDeclares
		x.attrs = append(x.attrs, attr{code: c, name: name, value: tag[i : i+length]})
		i += length + 1
	}
}

// lackingEquals tells an attribute without a value from one that is cut off.
func (x *scanner) lackingEquals(rest []byte) error {
	if bytes.IndexByte(rest, '>') >= 0 {
		return x.malformed("an attribute without a value")
	}
	return errMore
}

func (x *scanner) push(name []byte, declares bool) error {
	switch {
	case len(x.open) == 0 && x.rooted:
		return x.malformed("a second root element")
	case len(x.open) == maxDepth:
		return x.malformed(fmt.Sprintf("elements nested more than %d deep", maxDepth))
	}
	x.rooted = true
	if declares {
		if !x.names.declare(x.attrs, len(x.open)+1) {
			return x.malformed("too many namespaces")
		}
		for i := range x.attrs {
			x.attrs[i].code, _ = x.names.attribute(x.attrs[i].name)
		}
	}
	c, ok := x.names.element(name)
	if !ok {
		return x.malformed("an element with an impossible name")
	}
	x.code = c
	x.open = append(x.open, element{name: len(x.openNames), code: c})
	x.openNames = append(x.openNames, name...)
	return nil
}

// special passes over instructions, comments and the document type. CDATA is
// text.
func (x *scanner) special() (token, error) {
	for x.end-x.pos < len("<![CDATA[") && !x.atEOF {
		if err := x.fill(); err != nil {
			return 0, err
		}
	}
	head := x.buf[x.pos:x.end]
	switch {
	case bytes.HasPrefix(head, []byte("<!--")):
		x.pos += len("<!--")
		return 0, x.until("-->")
	case bytes.HasPrefix(head, []byte("<![CDATA[")):
		return x.characterData()
	case bytes.HasPrefix(head, []byte("<!DOCTYPE")):
		return 0, x.documentType()
	case bytes.HasPrefix(head, []byte("<?xml")) && len(head) > 5 && blank(head[5]):
		return 0, x.declaration()
	case bytes.HasPrefix(head, []byte("<?")):
		x.pos += len("<?")
		return 0, x.until("?>")
	case x.atEOF && len(head) < len("<![CDATA["):
		return 0, x.early()
	}
	return 0, x.malformed("a tag that begins with an exclamation mark")
}

// until passes over everything up to and with the mark, however long it is.
func (x *scanner) until(mark string) error {
	for {
		if i := bytes.Index(x.buf[x.pos:x.end], []byte(mark)); i >= 0 {
			x.pos += i + len(mark)
			return nil
		}
		if x.atEOF {
			return x.early()
		}
		x.pos = max(x.pos, x.end-len(mark)+1)
		if err := x.fill(); err != nil {
			return err
		}
	}
}

// within reads until the mark stands in the buffer and returns what is before it.
func (x *scanner) within(mark string) ([]byte, error) {
	for {
		if i := bytes.Index(x.buf[x.pos:x.end], []byte(mark)); i >= 0 {
			found := x.buf[x.pos : x.pos+i]
			x.pos += i + len(mark)
			return found, nil
		}
		if x.atEOF {
			return nil, x.early()
		}
		if err := x.fill(); err != nil {
			return nil, err
		}
	}
}

func (x *scanner) characterData() (token, error) {
	if len(x.open) == 0 {
		return 0, x.malformed("text outside of all elements")
	}
	x.pos += len("<![CDATA[")
	text, err := x.within("]]>")
	x.text, x.cdata = text, true
	return tokenText, err
}

// documentType is passed over. Those of OpenOffice 1 name a file; one that
// defines entities of its own has no business in a spreadsheet.
func (x *scanner) documentType() error {
	text, err := x.within(">")
	if err == nil && bytes.IndexByte(text, '[') >= 0 {
		return x.malformed("a document type with definitions of its own")
	}
	return err
}

// declaration reads <?xml version="1.0" encoding="UTF-8"?>.
func (x *scanner) declaration() error {
	text, err := x.within("?>")
	if err != nil {
		return err
	}
	_, after, ok := bytes.Cut(text, []byte("encoding"))
	after = bytes.TrimLeft(after, " \t\r\n=")
	if !ok || len(after) == 0 {
		return nil
	}
	name, _, _ := bytes.Cut(after[1:], after[:1])
	switch strings.ToUpper(string(name)) {
	case "UTF-8", "UTF8", "US-ASCII", "ASCII":
		return nil
	}
	return x.encoding(string(name[:min(len(name), 40)]))
}
