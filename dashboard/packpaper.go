package dashboard

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// paperPart is what a page shows, for a document in which others stand too.
type paperPart struct {
	title         string
	body          template.HTML
	demonstration bool
	last          time.Time // the last day that its figures cover; zero: it has none
}

// forPaper takes out of a page what it shows: its headings are one level lower, its ids
// are of this part alone, and what only works on a screen is left out.
func forPaper(page []byte, part int) (paperPart, error) {
	id := partID(part)
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return paperPart{}, err
	}
	var main *html.Node
	var p paperPart
	for n := range root.Descendants() {
		if n.Data == "main" {
			main = n
		}
		p.demonstration = p.demonstration || hasClass(n, "tag")
		if hasClass(n, "covers") {
			p.last = lastOf(n)
		}
	}
	if main == nil {
		return paperPart{}, errors.New("the page shows nothing")
	}
	for _, n := range slices.Collect(main.Descendants()) {
		switch {
		case n.Type != html.ElementNode || n.Parent == nil:
		case n.Data == "h1":
			p.title = textOf(n)
			n.Parent.RemoveChild(n)
		case n.Data == "script" || n.Data == "form" || hasClass(n, "screen-only") || hasClass(n, "actions"):
			n.Parent.RemoveChild(n)
		default:
			ownIDs(n, id)
			ownRegion(n, part)
			oneLower(n)
		}
	}
	var body strings.Builder
	for n := range main.ChildNodes() {
		if err := html.Render(&body, n); err != nil {
			return paperPart{}, err
		}
	}
	p.body = template.HTML(body.String()) // written by the same templates, read and written again
	return p, nil
}

// lastOf is the last day that the line under a page's title tells; zero where it tells none.
func lastOf(n *html.Node) time.Time {
	for _, a := range n.Attr {
		if a.Key == "data-last" {
			last, _ := time.Parse(time.DateOnly, a.Val) // written by the same templates
			return last
		}
	}
	return time.Time{}
}

var insideReference = regexp.MustCompile(`url\(#`)

// ownIDs makes the ids of a node, and what it refers to on its page, those of a part.
func ownIDs(n *html.Node, part string) {
	for i := range n.Attr {
		a := &n.Attr[i]
		switch a.Key {
		case "id", "for", "data-option":
			a.Val = part + "-" + a.Val
		case "aria-labelledby", "aria-describedby":
			names := strings.Fields(a.Val)
			for i := range names {
				names[i] = part + "-" + names[i]
			}
			a.Val = strings.Join(names, " ")
		case "href":
			if name, inside := strings.CutPrefix(a.Val, "#"); inside {
				a.Val = "#" + part + "-" + name
			}
		default:
			a.Val = insideReference.ReplaceAllString(a.Val, "url(#"+part+"-")
		}
	}
}

// ownRegion tells a region from one of the same name in another part.
func ownRegion(n *html.Node, part int) {
	for i := range n.Attr {
		switch a := &n.Attr[i]; {
		case n.Data == "div" && a.Key == "aria-label" && hasRole(n, "region"):
			a.Val += fmt.Sprintf(" (part %d)", part)
		case n.Data == "section" && a.Key == "aria-labelledby":
			a.Val = partID(part) + " " + a.Val
		}
	}
}

func hasRole(n *html.Node, role string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "role" && a.Val == role })
}

func partID(part int) string { return fmt.Sprintf("part-%d", part) }

// oneLower makes a heading one of the next level.
func oneLower(n *html.Node) {
	next := map[string]atom.Atom{"h2": atom.H3, "h3": atom.H4, "h4": atom.H5}
	if lower, ok := next[n.Data]; ok {
		n.Data, n.DataAtom = lower.String(), lower
	}
}

func hasClass(n *html.Node, class string) bool {
	for _, a := range n.Attr {
		if a.Key == "class" {
			return slices.Contains(strings.Fields(a.Val), class)
		}
	}
	return false
}

func textOf(n *html.Node) string {
	var text strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			text.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(text.String()), " ")
}
