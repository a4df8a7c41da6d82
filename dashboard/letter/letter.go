// Package letter makes a mail of pages: HTML that mail programs show, with the
// charts as pictures in it, and the same as plain text.
//
// A page is read as HTML and written anew from a list of elements, so that the mail
// says what the page says and nothing of it can become markup. Whoever does not see
// the pictures has in words what each shows, and the figures as a table.
package letter

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A Pack is what a mail is made of.
type Pack struct {
	Name   string // what it is called
	Title  string // the finding of its first page
	Notice string // who may have it; empty: anybody
	// Marking is a protective one: it stands first and last; empty: there is none.
	Marking string
	Facts   []Fact
	Parts   []Part
	Foot    []string // sentences at its end
	Base    string   // of links to the pages; empty: the mail has none
}

// A Fact is a term and what it is.
type Fact struct{ Term, Says string }

// A Part is a page of it.
type Part struct {
	Name, Title string
	Address     string // on the site
	Body        []byte // what the page shows, as HTML
	Failed      string // instead of it
}

// A Draw makes the picture of a drawing, and gives the name that it has in the mail.
type Draw func(svg []byte) (id string, err error)

// A Mail is what is sent. Rows are the rows of its tables.
type Mail struct {
	HTML, Text string
	Rows       int
}

//go:embed letter.gohtml
var markup string

var page = template.Must(template.New("letter").Parse(markup))

// shownPart is a part as the HTML has it.
type shownPart struct {
	Part
	Number int
	ID     string
	Link   string // empty: there is none
	Inside template.HTML
}

// Write makes the mail.
func Write(p Pack, draw Draw) (Mail, error) {
	d := &reader{base: p.Base, draw: draw}
	p = p.plain()
	var text writer
	text.head(p)
	var parts []shownPart
	for i, part := range p.Parts {
		body, err := d.body(part.Body)
		if err != nil {
			return Mail{}, fmt.Errorf("make a mail of %s: %w", part.Address, err)
		}
		var inside strings.Builder
		for c := range body.ChildNodes() {
			if err := html.Render(&inside, c); err != nil {
				return Mail{}, fmt.Errorf("make a mail of %s: %w", part.Address, err)
			}
		}
		shown := shownPart{Part: part, Number: i + 1, ID: fmt.Sprintf("part-%d", i+1), Inside: template.HTML(inside.String())} // of elements named in this package
		if p.Base != "" {
			shown.Link = strings.TrimSuffix(p.Base, "/") + part.Address
		}
		parts = append(parts, shown)
		text.part(shown, body)
	}
	text.foot(p)
	var out bytes.Buffer
	if err := page.Execute(&out, struct {
		Pack
		Shown []shownPart
	}{p, parts}); err != nil {
		return Mail{}, fmt.Errorf("make a mail: %w", err)
	}
	return Mail{HTML: out.String(), Text: strings.TrimSpace(blankLines.ReplaceAllString(text.String(), "\n\n")) + "\n", Rows: d.rows}, nil
}

// named is the finding of a page after its name.
func (p Part) named() string { return joinedBy(": ", p.Name, p.Title) }

// joinedBy joins what is not empty.
func joinedBy(between string, words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(word string) bool { return word == "" }), between)
}

// body is what a page shows, as the mail has it.
func (d *reader) body(page []byte) (*html.Node, error) {
	nodes, err := html.ParseFragment(bytes.NewReader(page), element(atom.Div))
	if err != nil {
		return nil, err
	}
	root := element(atom.Div)
	for _, n := range nodes {
		for _, made := range d.read(n) {
			root.AppendChild(made)
		}
	}
	return root, nil
}

// plain is the pack with words of which every character can be seen.
func (p Pack) plain() Pack {
	clean := func(text string) string { return strings.TrimSpace(plain(text)) }
	p.Name, p.Title, p.Notice, p.Marking = clean(p.Name), clean(p.Title), clean(p.Notice), clean(p.Marking)
	facts, parts, foot := make([]Fact, len(p.Facts)), make([]Part, len(p.Parts)), make([]string, len(p.Foot))
	for i, f := range p.Facts {
		facts[i] = Fact{clean(f.Term), clean(f.Says)}
	}
	for i, part := range p.Parts {
		part.Name, part.Title, part.Address, part.Failed = clean(part.Name), clean(part.Title), clean(part.Address), clean(part.Failed)
		parts[i] = part
	}
	for i, line := range p.Foot {
		foot[i] = clean(line)
	}
	p.Facts, p.Parts, p.Foot = facts, parts, foot
	return p
}

// head writes what comes before the pages.
func (w *writer) head(p Pack) {
	w.line("", p.Marking, "\n\n")
	w.line("", p.Notice, "\n\n")
	w.line("", p.Name, "\n")
	w.line("", p.Title, "\n\n")
	for _, f := range p.Facts {
		w.line("", f.Term+": "+f.Says, "\n")
	}
	if len(p.Parts) > 1 {
		w.WriteString("\nWhat it says\n")
		for i, part := range p.Parts {
			w.line(fmt.Sprintf("%d. ", i+1), part.named(), "\n")
		}
	}
}

func (w *writer) part(p shownPart, body *html.Node) {
	title := fmt.Sprintf("%d. %s", p.Number, p.Title)
	w.line("\n\n", title, "\n"+strings.Repeat("=", min(len([]rune(title)), 60))+"\n")
	w.line("", joinedBy(": ", p.Name, p.Link), "\n\n")
	w.line("! ", p.Failed, "\n")
	w.block(body)
}

func (w *writer) foot(p Pack) {
	w.WriteString("\n\n--\n")
	for _, line := range p.Foot {
		w.line("", line, "\n")
	}
	w.line("\n", p.Marking, "\n")
}
