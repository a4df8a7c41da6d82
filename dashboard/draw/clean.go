package draw

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// deepestElement is how many elements of a drawing may stand in each other.
const deepestElement = 64

// clean is the inside of an SVG, written anew: the elements and attributes that a
// drawing needs, styles as attributes, text as text, and names of things within
// it that begin with prefix, so that several drawings stand on one page. An
// element that a drawing does not need is an error: to leave it out could leave
// out a part of the chart.
func clean(svg []byte, prefix string) ([]byte, error) {
	c := cleaner{in: xml.NewDecoder(bytes.NewReader(readable(svg))), names: names{prefix: prefix, given: map[string]string{}}}
	if err := c.root(); err != nil {
		return nil, err
	}
	for {
		token, err := c.in.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil, errors.New("the drawing ends early")
		case err != nil:
			return nil, err
		}
		done, err := c.write(token)
		if err != nil {
			return nil, err
		}
		if done {
			return c.out.Bytes(), c.end()
		}
	}
}

// cleaner reads a drawing and writes it.
type cleaner struct {
	in    *xml.Decoder
	out   bytes.Buffer
	open  []string // elements that stand open
	names names
}

// root reads up to the inside of the drawing.
func (c *cleaner) root() error {
	for {
		token, err := c.in.Token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local != "svg" || !isSVG(t.Name.Space) {
				return fmt.Errorf("the drawing begins with <%s>", t.Name.Local)
			}
			return nil
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return errors.New("the drawing begins with text")
			}
		case xml.ProcInst, xml.Directive:
			return errors.New("the drawing has a prologue")
		}
	}
}

// end finds that nothing follows the drawing.
func (c *cleaner) end() error {
	for {
		token, err := c.in.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if text, ok := token.(xml.CharData); !ok || len(bytes.TrimSpace(text)) > 0 {
			return errors.New("something follows the drawing")
		}
	}
}

// write writes one token, and reports whether it was the end of the drawing.
func (c *cleaner) write(token xml.Token) (done bool, err error) {
	switch t := token.(type) {
	case xml.StartElement:
		return false, c.start(t)
	case xml.EndElement:
		if len(c.open) == 0 {
			return true, nil
		}
		fmt.Fprintf(&c.out, "</%s>", c.open[len(c.open)-1])
		c.open = c.open[:len(c.open)-1]
	case xml.CharData:
		if len(c.open) > 0 && slices.Contains(texts, c.open[len(c.open)-1]) {
			return false, xml.EscapeText(&c.out, t)
		}
	case xml.ProcInst, xml.Directive:
		return false, errors.New("the drawing holds an instruction")
	}
	return false, nil
}

func (c *cleaner) start(t xml.StartElement) error {
	name := t.Name.Local
	if isSVG(t.Name.Space) && name == "style" { // what a pointer does to a shape: the page's script does that
		return c.in.Skip()
	}
	if !isSVG(t.Name.Space) || !elements[name] {
		return fmt.Errorf("the drawing holds <%s>", name)
	}
	if len(c.open) >= deepestElement {
		return errors.New("the drawing is nested too deep")
	}
	c.open = append(c.open, name)
	c.out.WriteString("<" + name)
	for _, a := range attributesOf(t) {
		if a.name == "id" {
			a.value = c.names.of(a.value)
		} else if place, ok := reference(a.value); ok && references[a.name] {
			a.value = "url(#" + c.names.of(place) + ")"
		} else if !allowed(a) {
			continue
		}
		c.out.WriteString(" " + a.name + `="`)
		if err := xml.EscapeText(&c.out, []byte(a.value)); err != nil {
			return err
		}
		c.out.WriteByte('"')
	}
	c.out.WriteByte('>')
	return nil
}

type attribute struct{ name, value string }

// attributesOf is the attributes of an element, each once, with what its style
// says among them. A style comes before an attribute, as in CSS.
func attributesOf(t xml.StartElement) []attribute {
	var list []attribute
	set := func(name, value string) {
		i := slices.IndexFunc(list, func(a attribute) bool { return a.name == name })
		if i < 0 {
			list = append(list, attribute{name, value})
			return
		}
		list[i].value = value
	}
	style := ""
	for _, a := range t.Attr {
		switch {
		case a.Name.Space == "" && a.Name.Local == "style":
			style = a.Value
		case a.Name.Space == "":
			set(a.Name.Local, a.Value)
		case a.Name.Space == xmlSpace && a.Name.Local == "space":
			set("xml:space", a.Value)
		}
	}
	for declaration := range strings.SplitSeq(style, ";") {
		if property, value, ok := strings.Cut(declaration, ":"); ok {
			if property = strings.TrimSpace(property); presentation[property] {
				set(property, strings.TrimSpace(value))
			}
		}
	}
	return list
}

// names gives everything that is referred to within a drawing a name of its own,
// in the order in which it is met: the engine's names depend on what it drew before.
type names struct {
	prefix string
	given  map[string]string
}

func (n names) of(name string) string {
	if given, ok := n.given[name]; ok {
		return given
	}
	n.given[name] = n.prefix + strconv.Itoa(len(n.given))
	return n.given[name]
}

// reference is the name in url(#name).
func reference(value string) (name string, ok bool) {
	name, ok = strings.CutPrefix(value, "url(#")
	if !ok {
		return "", false
	}
	name, ok = strings.CutSuffix(name, ")")
	return name, ok && plainName.MatchString(name)
}

// readable is text in which every character may stand in XML.
func readable(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r', r >= ' ' && r <= '\uD7FF', r >= '\uE000' && r <= '\uFFFD', r >= '\U00010000':
			return r
		}
		return utf8.RuneError
	}, text)
}
