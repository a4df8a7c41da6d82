package sheet

import (
	"strings"
	"unicode/utf8"
)

// codeDeclares is the code of the attributes xmlns and xmlns:prefix, in every
// vocabulary.
const codeDeclares code = 255

const maxBindings = 4096

// nameTable finds the code of a name. Which namespace a prefix stands for is
// declared in the file, nearly always in the root element, and need not be the
// usual prefix. A file has some dozens of names and millions of tags: the
// answers are kept.
type nameTable struct {
	words    vocabulary
	bindings []binding
	elements nameCache
	attrs    nameCache
}

// binding is a prefix declared by the element at a depth.
type binding struct {
	prefix, space string
	depth         int
}

// nameCache has one place per hash; two names at one place push each other
// out, which costs time and nothing else.
type nameCache [256]struct {
	name string
	code code
}

func place(name []byte) uint8 {
	n := len(name)
	return uint8(n*37) ^ name[n-1]*11 ^ name[n/2]*101 ^ name[0]
}

// element is false when the name cannot be one.
func (t *nameTable) element(name []byte) (code, bool) {
	if len(name) == 0 {
		return 0, false
	}
	kept := &t.elements[place(name)]
	if kept.name == string(name) {
		return kept.code, true
	}
	if !possible(name) {
		return 0, false
	}
	kept.name = string(name)
	prefix, local, ok := strings.Cut(kept.name, ":")
	if !ok {
		prefix, local = "", kept.name
	}
	kept.code = t.words(t.space(prefix), local)
	return kept.code, true
}

// attribute is false when the name cannot be one.
func (t *nameTable) attribute(name []byte) (code, bool) {
	if len(name) == 0 {
		return 0, false
	}
	kept := &t.attrs[place(name)]
	if kept.name == string(name) {
		return kept.code, true
	}
	if !possible(name) {
		return 0, false
	}
	kept.name = string(name)
	prefix, local, ok := strings.Cut(kept.name, ":")
	switch {
	case prefix == "xmlns":
		kept.code = codeDeclares
	case ok:
		kept.code = t.words(t.space(prefix), local)
	default:
		kept.code = t.words("", kept.name)
	}
	return kept.code, true
}

// space is the namespace of a prefix; an undeclared one has none, which no
// vocabulary gives a meaning together with a prefix.
func (t *nameTable) space(prefix string) string {
	for i := len(t.bindings) - 1; i >= 0; i-- {
		if t.bindings[i].prefix == prefix {
			return t.bindings[i].space
		}
	}
	return "undeclared " + prefix
}

// declare takes up the namespaces that an element declares.
func (t *nameTable) declare(attrs []attr, depth int) bool {
	for _, a := range attrs {
		if a.code == codeDeclares {
			_, prefix, _ := strings.Cut(string(a.name), ":")
			t.bindings = append(t.bindings, binding{prefix, string(a.value), depth})
		}
	}
	t.forget()
	return len(t.bindings) <= maxBindings
}

// leave drops what the element at this depth declared.
func (t *nameTable) leave(depth int) {
	n := len(t.bindings)
	if n == 0 || t.bindings[n-1].depth < depth {
		return
	}
	for n > 0 && t.bindings[n-1].depth >= depth {
		n--
	}
	t.bindings = t.bindings[:n]
	t.forget()
}

func (t *nameTable) forget() {
	clear(t.elements[:])
	clear(t.attrs[:])
}

// possible is whether the bytes can be a name. It lets more through than XML
// does, but nothing that shows a damaged tag.
func possible(name []byte) bool {
	for _, b := range name {
		if class[b]&notInName != 0 {
			return false
		}
	}
	return utf8.Valid(name)
}
