package letter

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// writer writes the same as plain text: what the HTML says in words and numbers,
// and of a picture what it shows.
type writer struct {
	strings.Builder
	alt string // of the picture just told, which need not be told again
}

var (
	spaces     = regexp.MustCompile(`[ \t]+`)
	blankLines = regexp.MustCompile(`\n{3,}`)
	beforeNext = regexp.MustCompile(` +;`)
	afterStop  = regexp.MustCompile(`([.:]); ?`)
)

// line writes text as a line, unless it is empty.
func (w *writer) line(before, text, after string) {
	if text = strings.TrimSpace(spaces.ReplaceAllString(text, " ")); text != "" && text != w.alt {
		w.WriteString(before + text + after)
	}
}

// block writes what stands in nodes, one under the other.
func (w *writer) block(n *html.Node) {
	inline := ""
	flush := func() { w.line("", inline, "\n"); inline = "" }
	for c := range n.ChildNodes() {
		if c.Type == html.TextNode || !isBlock(c) {
			inline += lineOf(c)
			continue
		}
		flush()
		w.element(c)
	}
	flush()
}

func isBlock(n *html.Node) bool {
	switch n.Data {
	case "strong", "bdi", "code", "a", "br":
		return false
	}
	return n.Type == html.ElementNode
}

func (w *writer) element(n *html.Node) {
	switch n.Data {
	case "img":
		w.alt = attribute(n, "alt")
		fmt.Fprintf(w, "[Chart: %s]\n", w.alt)
	case "h2", "h3", "h4", "h5":
		text := strings.TrimSpace(lineOf(n))
		w.line("\n", text, "\n"+strings.Repeat(map[string]string{"h2": "=", "h3": "-"}[n.Data], min(len([]rune(text)), 60))+"\n")
	case "ul", "ol":
		w.list(n)
	case "table":
		w.table(n)
	case "p":
		if attribute(n, "class") == "warning" {
			w.WriteString("! ")
		}
		w.block(n)
		w.WriteString("\n")
	default:
		w.block(n)
	}
}

func (w *writer) list(n *html.Node) {
	number := 0
	for c := range n.ChildNodes() {
		if c.Data != "li" {
			continue
		}
		number++
		mark := "- "
		if n.Data == "ol" {
			mark = fmt.Sprintf("%d. ", number)
		}
		var inner writer
		inner.block(c)
		lines := strings.FieldsFunc(inner.String(), func(c rune) bool { return c == '\n' })
		w.WriteString(mark + strings.Join(lines, "\n  ") + "\n")
	}
	w.WriteString("\n")
}

// table writes a row a line, and of one with two columns the first as a name.
func (w *writer) table(n *html.Node) {
	between := " | "
	if attribute(n, "class") == "facts" {
		between = ": "
	}
	for _, row := range rowsOf(n) {
		var cells []string
		for _, c := range cellsOf(row) {
			cells = append(cells, cellText(c))
			cells = append(cells, make([]string, spanOf(c)-1)...)
		}
		w.line("", strings.Join(cells, between), "\n")
	}
	w.WriteString("\n")
}

// cellText is what stands in a cell, of which several lines are one.
func cellText(c *html.Node) string {
	text := strings.TrimSpace(spaces.ReplaceAllString(lineOf(c), " "))
	return strings.Trim(afterStop.ReplaceAllString(beforeNext.ReplaceAllString(text, ";"), "$1 "), "; ")
}

// lineOf is a node's text in one line.
func lineOf(n *html.Node) string {
	switch {
	case n.Type == html.TextNode:
		return n.Data
	case n.Data == "br":
		return "; "
	case n.Data == "img":
		return "[Chart: " + attribute(n, "alt") + "]"
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(lineOf(c))
		if isBlock(c) {
			b.WriteString(map[string]string{"li": "; "}[c.Data])
			b.WriteString(" ")
		}
	}
	if attribute(n, "class") == "tag" {
		return "(" + b.String() + ")"
	}
	return b.String()
}
