package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// token is what a scanner stands on.
type token uint8

const (
	tokenEOF   token = iota // the end, after the root element was closed
	tokenStart              // code and attrs are set; a self-closing element gives a tokenEnd next
	tokenEnd                // code is that of the element that ends
	tokenText               // text is set
)

// code is the meaning of an element's or attribute's name in a vocabulary; 0
// is a name that means nothing to us.
type code uint8

// vocabulary maps a namespace address and a local name to a code. Attributes
// without a prefix have no namespace: their space is empty.
type vocabulary func(space, local string) code

// attr is one attribute. Name and value are as in the file, references such as
// &amp; included, and valid until the next token.
type attr struct {
	code  code
	name  []byte
	value []byte
}

const maxDepth = 256 // a spreadsheet nests about ten deep

// scanner cuts XML into tokens. It does what a spreadsheet needs and no more:
// UTF-8, elements, attributes, text, CDATA, namespaces; comments and
// instructions are passed over; a document type that defines entities is
// refused. encoding/xml takes ten times as long and allocates for every tag.
type scanner struct {
	src   io.Reader
	part  string // for faults
	buf   []byte
	pos   int   // next byte to look at
	end   int   // end of what was read
	base  int64 // bytes before buf
	atEOF bool

	code  code
	attrs []attr
	text  []byte
	cdata bool // text stands as it is, without references

	names      nameTable
	open       []element
	openNames  []byte
	pendingEnd bool
	rooted     bool
}

// element is one that is not closed yet.
type element struct {
	name int // where its name begins in openNames
	code code
}

// newScanner reads tags and texts of up to size bytes.
func newScanner(src io.Reader, part string, words vocabulary, size int) *scanner {
	return &scanner{src: src, part: part, buf: make([]byte, size), names: nameTable{words: words}}
}

// depth is how many elements are open.
func (x *scanner) depth() int { return len(x.open) }

// next goes to the next token.
func (x *scanner) next() (token, error) {
	if x.pendingEnd {
		x.pendingEnd = false
		x.pop()
		return tokenEnd, nil
	}
	for {
		if x.end-x.pos < 2 && !x.atEOF {
			if err := x.fill(); err != nil {
				return 0, err
			}
			continue
		}
		if x.pos == x.end {
			if len(x.open) > 0 || !x.rooted {
				return 0, x.early()
			}
			return tokenEOF, nil
		}
		if x.buf[x.pos] != '<' {
			return x.characters()
		}
		if x.end-x.pos < 2 {
			return 0, x.early()
		}
		switch x.buf[x.pos+1] {
		case '/':
			return x.endTag()
		case '?', '!':
			if t, err := x.special(); t == tokenText || err != nil {
				return t, err
			}
		default:
			return x.startTag()
		}
	}
}

// characters is a run of text. One that is longer than the buffer comes in
// pieces; as a cell it is over the limit in any case.
func (x *scanner) characters() (token, error) {
	for {
		i := bytes.IndexByte(x.buf[x.pos:x.end], '<')
		if i < 0 && !x.atEOF && x.end-x.pos < len(x.buf) {
			if err := x.fill(); err != nil {
				return 0, err
			}
			continue
		}
		if i < 0 {
			i = x.end - x.pos
		}
		x.text, x.cdata = x.buf[x.pos:x.pos+i], false
		x.pos += i
		if len(x.open) == 0 && len(bytes.Trim(x.text, " \t\r\n")) > 0 {
			return 0, x.malformed("text outside of all elements")
		}
		return tokenText, nil
	}
}

func (x *scanner) endTag() (token, error) {
	if len(x.open) == 0 {
		return 0, x.malformed("an end tag without a start tag")
	}
	top := x.open[len(x.open)-1]
	name := x.openNames[top.name:]
	for x.end-x.pos < len(name)+3 && !x.atEOF {
		if err := x.fill(); err != nil {
			return 0, err
		}
	}
	tag := x.buf[x.pos+2 : x.end]
	if !bytes.HasPrefix(tag, name) {
		if len(tag) < len(name) && x.atEOF {
			return 0, x.early()
		}
		return 0, x.malformed(fmt.Sprintf("an end tag that is not that of %q", name))
	}
	x.pos += 2 + len(name)
	for {
		if x.pos == x.end {
			if x.atEOF {
				return 0, x.early()
			}
			if err := x.fill(); err != nil {
				return 0, err
			}
			continue
		}
		b := x.buf[x.pos]
		x.pos++
		if b == '>' {
			x.pop()
			return tokenEnd, nil
		}
		if !blank(b) {
			return 0, x.malformed(fmt.Sprintf("an end tag that is not that of %q", name))
		}
	}
}

func (x *scanner) pop() {
	last := len(x.open) - 1
	x.code = x.open[last].code
	x.openNames = x.openNames[:x.open[last].name]
	x.names.leave(len(x.open))
	x.open = x.open[:last]
}

// skip passes over what is left of the element that was started last.
func (x *scanner) skip() error {
	for depth := x.depth(); ; {
		t, err := x.next()
		if err != nil {
			return err
		}
		if t == tokenEnd && x.depth() < depth {
			return nil
		}
	}
}

// fill reads more. What was looked at already makes room; slices into the
// buffer are no longer valid.
func (x *scanner) fill() error {
	if x.pos == 0 && x.end == len(x.buf) {
		return x.malformed(fmt.Sprintf("a tag of more than %d bytes", len(x.buf)))
	}
	copy(x.buf, x.buf[x.pos:x.end])
	x.base += int64(x.pos)
	x.end -= x.pos
	x.pos = 0
	// A reader may give nothing for a while, but not for ever.
	for range 100 {
		n, err := x.src.Read(x.buf[x.end:])
		first := x.base == 0 && x.end == 0
		x.end += n
		if err == io.EOF {
			x.atEOF = true
		} else if err != nil {
			return err
		}
		if n > 0 || x.atEOF {
			if first {
				return x.mark()
			}
			return nil
		}
	}
	return io.ErrNoProgress
}

// mark looks at the first bytes for a byte order mark.
func (x *scanner) mark() error {
	for x.end < 3 && !x.atEOF {
		n, err := x.src.Read(x.buf[x.end:])
		x.end += n
		if err == io.EOF {
			x.atEOF = true
		} else if err != nil {
			return err
		}
	}
	switch head := x.buf[:x.end]; {
	case bytes.HasPrefix(head, []byte(utf8Mark)):
		x.pos = len(utf8Mark)
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return x.encoding("UTF-16")
	}
	return nil
}

func (x *scanner) encoding(name string) error {
	return fault(fmt.Sprintf("the part %s is written in %s instead of UTF-8", x.part, name), adviceSaveAgain)
}

func (x *scanner) early() error {
	return &Error{Problem: fmt.Sprintf("the part %s ends in the middle, after %d bytes", x.part, x.base+int64(x.end)),
		Advice: adviceFetchAgain, Cause: io.ErrUnexpectedEOF}
}

func (x *scanner) malformed(what string) error {
	return &Error{Problem: fmt.Sprintf("the part %s is damaged: %s at byte %d", x.part, what, x.base+int64(x.pos)),
		Advice: adviceSaveAgain, Cause: errMalformed}
}

var errMalformed = errors.New("malformed XML")
