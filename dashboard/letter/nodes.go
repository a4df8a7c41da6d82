package letter

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// element is a new element with these children, which stand nowhere yet.
func element(name atom.Atom, children ...*html.Node) *html.Node {
	n := &html.Node{Type: html.ElementNode, Data: name.String(), DataAtom: name}
	for _, c := range children {
		n.AppendChild(c)
	}
	return n
}

func words(text string) *html.Node { return &html.Node{Type: html.TextNode, Data: text} }

func classed(n *html.Node, class string) *html.Node {
	n.Attr = append(n.Attr, html.Attribute{Key: "class", Val: class})
	return n
}

func small(n *html.Node) *html.Node { return classed(n, "small") }

// withoutColon takes the colon from the end of what stands in a node, where what
// followed it was left out.
func withoutColon(n *html.Node) {
	last := n.LastChild
	for last != nil && last.PrevSibling != nil && strings.TrimSpace(textOf(last)) == "" {
		last = last.PrevSibling
	}
	if last != nil && last.Type == html.TextNode {
		last.Data = strings.TrimSuffix(strings.TrimSpace(last.Data), ":")
	}
}

// filled is the node, unless nothing can be seen of it. Cells and line ends stay.
func filled(n *html.Node) []*html.Node {
	if slices.Contains([]atom.Atom{atom.Td, atom.Th, atom.Br}, n.DataAtom) || strings.TrimSpace(textOf(n)) != "" || has(n, "img") {
		return []*html.Node{n}
	}
	return nil
}

// inlined takes what stands in a paragraph out of paragraphs of its own.
func inlined(nodes []*html.Node) (flat []*html.Node) {
	for _, n := range nodes {
		if n.Data != "p" {
			flat = append(flat, n)
			continue
		}
		for _, c := range slices.Collect(n.ChildNodes()) {
			n.RemoveChild(c)
			flat = append(flat, c)
		}
	}
	return flat
}

func has(n *html.Node, name string) bool {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == name {
			return true
		}
	}
	return false
}

// holds reports whether something of a class stands in a node.
func holds(n *html.Node, class string) bool {
	for d := range n.Descendants() {
		if hasClass(d, class) {
			return true
		}
	}
	return false
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasClass(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attribute(n, "class")), class)
}

func textOf(n *html.Node) string { return joined(n, "") }

// joined is the texts in a node, with something between those of its children.
func joined(n *html.Node, between string) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var parts []string
	for c := range n.ChildNodes() {
		if text := joined(c, ""); between == "" || strings.TrimSpace(text) != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, between)
}
