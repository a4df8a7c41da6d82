package letter

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"stalkstats/internal/mail"
)

// A reader makes what a page shows into what a mail can show. Only elements that are
// named here are written, with attributes that it makes itself: whatever a page
// holds, nothing else can come into a mail.
type reader struct {
	base string // of links to the pages; empty: a mail has no links
	draw Draw
	rows int // of tables, that were kept
}

// Elements that stay what they are, and those whose inside alone stays.
var (
	kept = map[string]atom.Atom{"p": atom.P, "ul": atom.Ul, "ol": atom.Ol, "li": atom.Li, "strong": atom.Strong, "bdi": atom.Bdi, "br": atom.Br,
		"h2": atom.H2, "h3": atom.H3, "h4": atom.H4, "h5": atom.H5, "figure": atom.Div, "code": atom.Code,
		"thead": atom.Thead, "tbody": atom.Tbody, "tr": atom.Tr, "th": atom.Th, "td": atom.Td}
	unwrapped = []string{"div", "section", "article", "span", "time", "em", "abbr"}

	// left is what only works or helps on a page: it stays there.
	left = []string{"screen-only", "paper-only", "on-page", "actions", "mark", "square", "strip", "govuk-visually-hidden", "row-place", "provenance", "item__enter"}
)

func leftOnPage(n *html.Node) bool {
	return slices.ContainsFunc(left, func(class string) bool { return hasClass(n, class) })
}

// children is what the children of a node become.
func (d *reader) children(n *html.Node) []*html.Node {
	var all []*html.Node
	for c := range n.ChildNodes() {
		all = append(all, d.read(c)...)
	}
	return all
}

// read is what a node becomes: nothing, one node, or several.
func (d *reader) read(n *html.Node) []*html.Node {
	switch {
	case n.Type == html.TextNode:
		return []*html.Node{words(plain(n.Data))}
	case n.Type != html.ElementNode || leftOnPage(n):
		return nil
	case hasClass(n, "chart__plot"):
		return d.chart(n)
	case hasClass(n, "chart__failed"): // in place of the picture that is told
		return nil
	case hasClass(n, "ends"): // the first period and the last, at the two ends of a line
		return []*html.Node{small(element(atom.P, words("From "+strings.Join(strings.Fields(joined(n, " to ")), " "))))}
	case hasClass(n, "item--brief") && holds(n, "square--not-entered"): // how many there are is told above
		return nil
	case comesFrom(n):
		return nil
	}
	return d.element(n)
}

// element is what an element becomes by its name.
func (d *reader) element(n *html.Node) []*html.Node {
	inside := func() []*html.Node { return d.children(n) }
	switch n.Data {
	case "a":
		return d.link(n)
	case "dl":
		return d.facts(n)
	case "table":
		return d.table(n)
	case "details":
		return d.details(n)
	case "figcaption", "caption":
		return filled(small(element(atom.P, inside()...)))
	}
	if name, ok := kept[n.Data]; ok {
		made := element(name, inside()...)
		return filled(d.dressed(made, n))
	}
	if slices.Contains(unwrapped, n.Data) {
		switch {
		case hasClass(n, "caption") || hasClass(n, "all-forces"):
			return filled(small(element(atom.P, inlined(inside())...)))
		case hasClass(n, "label"):
			return append(inside(), words(":"))
		case hasClass(n, "note") && beside(n):
			return append(append([]*html.Node{words("(")}, inside()...), words(")"))
		}
		return inside()
	}
	return nil
}

// dressed gives an element what the mail shows it by.
func (d *reader) dressed(made, n *html.Node) *html.Node {
	switch {
	case hasClass(n, "warning"):
		return classed(made, "warning")
	case hasClass(n, "caption"):
		return small(made)
	case hasClass(n, "tag"):
		return classed(made, "tag")
	case hasClass(n, "number"):
		made.Attr = append(made.Attr, html.Attribute{Key: "align", Val: "right"})
	case hasClass(n, "from"):
		withoutColon(made)
		made.Attr = append(made.Attr, html.Attribute{Key: "align", Val: "left"})
	case n.Data == "td" || n.Data == "th":
		made.Attr = append(made.Attr, html.Attribute{Key: "align", Val: "left"})
	}
	if scope := attribute(n, "scope"); n.Data == "th" && (scope == "row" || scope == "col") {
		made.Attr = append(made.Attr, html.Attribute{Key: "scope", Val: scope})
	}
	if n.Data == "td" || n.Data == "th" {
		spanning(made, spanOf(n))
	}
	return made
}

// chart is the picture of a chart, or a sentence that it could not be made. The
// first of the boxes that it was drawn for which fits a mail is taken.
func (d *reader) chart(n *html.Node) []*html.Node {
	alt := plain(attribute(n, "aria-label"))
	var drawing *html.Node
	for c := range n.Descendants() {
		if c.Data == "svg" && c.Type == html.ElementNode && (drawing == nil || hasClass(c, "chart__drawn--middle")) {
			drawing = c
		}
	}
	fails := func() []*html.Node {
		says := "The picture of this chart could not be made: " + alt
		if captioned(n, alt) {
			says = "The picture of this chart could not be made. What it shows:"
		}
		return []*html.Node{classed(element(atom.P, words(says)), "warning")}
	}
	if drawing == nil {
		return fails()
	}
	width, wide := strconv.Atoi(attribute(drawing, "width"))
	height, high := strconv.Atoi(attribute(drawing, "height"))
	if errors.Join(wide, high) != nil {
		return fails()
	}
	id, err := d.draw(standing(drawing))
	if err != nil {
		return fails()
	}
	img := element(atom.Img)
	img.Attr = []html.Attribute{{Key: "src", Val: "cid:" + id}, {Key: "alt", Val: alt}, {Key: "width", Val: strconv.Itoa(width)}, {Key: "height", Val: strconv.Itoa(height)}}
	return []*html.Node{element(atom.P, img)}
}

// captioned reports whether what a chart shows stands below it in words.
func captioned(chart *html.Node, alt string) bool {
	for n := range chart.Ancestors() {
		if n.Data != "figure" {
			continue
		}
		for d := range n.Descendants() {
			if d.Data == "figcaption" && strings.HasPrefix(plain(strings.TrimSpace(textOf(d))), alt) {
				return true
			}
		}
	}
	return false
}

// standing is a drawing as a file of its own.
func standing(svg *html.Node) []byte {
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg"`)
	for _, a := range svg.Attr {
		if slices.Contains([]string{"viewBox", "width", "height"}, a.Key) {
			b.WriteString(" " + a.Key + `="` + html.EscapeString(a.Val) + `"`)
		}
	}
	b.WriteString(">")
	for c := range svg.ChildNodes() {
		_ = html.Render(&b, c) // a builder takes all
	}
	b.WriteString("</svg>")
	return []byte(b.String())
}

// link is a way to a page of the site, where its address is known; else its words.
func (d *reader) link(n *html.Node) []*html.Node {
	says := d.children(n)
	to, err := url.Parse(attribute(n, "href"))
	if err != nil || d.base == "" || to.IsAbs() || to.Host != "" || !strings.HasPrefix(to.Path, "/") || hasClass(n, "known") {
		return says
	}
	made := element(atom.A, says...)
	made.Attr = []html.Attribute{{Key: "href", Val: strings.TrimSuffix(d.base, "/") + to.String()}}
	return []*html.Node{made}
}

// facts are terms with what they are: a table, since mail programs set them badly.
func (d *reader) facts(n *html.Node) []*html.Node {
	table := classed(element(atom.Table), "facts")
	var term []*html.Node
	var each func(*html.Node)
	each = func(n *html.Node) {
		for c := range n.ChildNodes() {
			switch {
			case c.Type != html.ElementNode || leftOnPage(c):
			case c.Data == "dt":
				term = d.children(c)
			case c.Data == "dd":
				head, what := element(atom.Th, term...), element(atom.Td, d.children(c)...)
				head.Attr, what.Attr = []html.Attribute{{Key: "align", Val: "left"}, {Key: "scope", Val: "row"}}, []html.Attribute{{Key: "align", Val: "left"}}
				table.AppendChild(element(atom.Tr, head, what))
				term = nil
			default:
				each(c)
			}
		}
	}
	each(n)
	return filled(table)
}

// details are open in a mail. Of a note only what it is in short stays.
func (d *reader) details(n *html.Node) []*html.Node {
	var short, long []*html.Node
	for c := range n.ChildNodes() {
		if c.Data == "summary" {
			short = d.children(c)
		} else {
			long = append(long, d.read(c)...)
		}
	}
	if hasClass(n, "note") {
		return short
	}
	if slices.ContainsFunc(long, func(n *html.Node) bool { return strings.TrimSpace(textOf(n)) != "" }) {
		return append([]*html.Node{element(atom.P, element(atom.Strong, short...))}, long...)
	}
	return nil
}

// beside reports whether a note stands beside something on its line, from which on a
// page only its letters tell it.
func beside(n *html.Node) bool {
	text := strings.TrimSpace(textOf(n))
	if text == "" || strings.HasPrefix(text, "(") || strings.HasSuffix(text, ".") {
		return false
	}
	for before := n.PrevSibling; before != nil; before = before.PrevSibling {
		if before.Data == "br" {
			return false
		}
		if strings.TrimSpace(textOf(before)) != "" {
			return true
		}
	}
	return false
}

// comesFrom reports whether a node only says which rows of which file something is
// from: each figure has that on its page.
func comesFrom(n *html.Node) bool {
	return n.Data == "div" && hasClass(n, "caption") && (holds(n, "row-place") || holds(n, "provenance"))
}

// plain is text of which every character can be seen: nothing in it turns the
// direction of what follows, or ends a line.
func plain(text string) string {
	clean := mail.OneLine(text, len(text)+1)
	if clean == "" && text != "" {
		return " "
	}
	if strings.TrimLeft(text, " \t\r\n") != text {
		clean = " " + clean
	}
	if strings.TrimRight(text, " \t\r\n") != text {
		clean += " "
	}
	return clean
}
