package dashboard

import (
	"html/template"
	"strings"
)

// Parts that stand hundreds of times on a page are written here: the template engine
// takes several times as long for each. What comes from a figure is escaped, and leads
// nowhere but to this site.

// known is a number that leads to how it is known; where there is no address, it only
// stands there.
func known(text, address string) template.HTML {
	shown := template.HTMLEscapeString(text)
	if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") {
		return template.HTML(shown)
	}
	return template.HTML(`<a class="known" href="` + template.HTMLEscapeString(address) + `" aria-label="` + shown + `: how do you know?">` + shown + `</a>`)
}

// HTML is where a figure came from, for a page.
func (p provenance) HTML() template.HTML {
	var b strings.Builder
	place := func(parts ...string) {
		b.WriteString(`<span class="row-place">`)
		for _, part := range parts {
			b.WriteString(part)
		}
		b.WriteString("</span> ")
	}
	if p.Short != "" {
		b.WriteString(`<details class="govuk-details note provenance"><summary class="govuk-details__summary"><span class="govuk-details__summary-text">` +
			template.HTMLEscapeString(p.Short) + `</span></summary><div class="govuk-details__text">`)
	}
	for _, rows := range p.Rows {
		place(template.HTMLEscapeString(rows))
	}
	if p.Short != "" {
		b.WriteString("</div></details> ")
	}
	for _, load := range p.Loads {
		place(`load <a href="`, template.HTMLEscapeString(load.Address), `">`, template.HTMLEscapeString(load.Text), `</a>`)
	}
	if p.Retrieved != "" {
		place("read on ", template.HTMLEscapeString(p.Retrieved))
	}
	return template.HTML(b.String())
}
