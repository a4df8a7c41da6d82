// Package pagetest looks into pages for the tests of them.
package pagetest

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Elements finds the elements of a tag that carry a class; an empty class
// finds all of the tag, an empty tag all of the class.
func Elements(root *html.Node, tag, class string) []*html.Node {
	var found []*html.Node
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || tag != "" && n.Data != tag {
			continue
		}
		if class == "" || slices.Contains(strings.Fields(Attribute(n, "class")), class) {
			found = append(found, n)
		}
	}
	return found
}

// Attribute is an attribute of an element; empty where it has none of the name.
func Attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
