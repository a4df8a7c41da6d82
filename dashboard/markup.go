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

// options is what can be chosen from a list.
func options(list []option) template.HTML {
	var b strings.Builder
	for _, o := range list {
		b.WriteString("\n<option value=\"" + template.HTMLEscapeString(o.Value) + `"`)
		if o.Selected {
			b.WriteString(" selected")
		}
		b.WriteString(">" + template.HTMLEscapeString(o.Text) + "</option>")
	}
	return template.HTML(b.String())
}

// HTML is where a figure came from, for a page.
func (p provenance) HTML() template.HTML {
	var b strings.Builder
	b.Grow(rowBytes / 2)
	p.write(&b)
	return template.HTML(b.String())
}

func (p provenance) write(b *strings.Builder) {
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
}

// notes is what is beside a figure in words; a long one opens.
func notes(list []note) template.HTML {
	var b strings.Builder
	for _, n := range list {
		short := template.HTMLEscapeString(n.Short)
		if n.Full == "" {
			b.WriteString(` <span class="note">` + short + `</span>`)
			continue
		}
		b.WriteString(` <details class="govuk-details note"><summary class="govuk-details__summary"><span class="govuk-details__summary-text">` + short +
			`</span></summary><div class="govuk-details__text">` + template.HTMLEscapeString(n.Full) + `</div></details>`)
	}
	return template.HTML(b.String())
}

// rowBytes is about what a row takes.
const rowBytes = 1 << 10

// Body is the rows of the table.
func (t figureTable) Body() template.HTML {
	var b strings.Builder
	b.Grow(rowBytes * len(t.Rows))
	for _, r := range t.Rows {
		r.write(&b, t.Numerator != "")
	}
	return template.HTML(b.String())
}

// write adds the row of a figure to a table, which has more columns for a rate.
func (r *tableRow) write(b *strings.Builder, rate bool) {
	write := func(parts ...template.HTML) {
		for _, part := range parts {
			b.WriteString(string(part))
		}
	}
	write(`
<tr>
<th scope="row">`, escaped(r.Period))
	if r.Demonstration {
		write(` <strong class="tag">demonstration</strong>`)
	}
	write(`</th>
<td class="number">`, known(r.Plain, r.Address), wrapped(` <span class="note">`, r.Beside, `</span>`), `</td>
<td class="number">`, known(r.LastYear, r.Ways.LastYear))
	if r.Apart {
		write(`<span role="img" aria-label="does not compare">†</span>`)
	}
	write(wrapped(`<br><span class="note">`, r.LastYearOf, `</span>`), `</td>
`)
	if rate {
		write(`<td class="number">`, known(r.Numerator, r.Ways.Numerator), `</td>
<td class="number">`, known(r.Denominator, r.Ways.Denominator), `</td>
<td class="number">`, escaped(r.Range), `</td>
`)
	}
	write(`<td class="from">`)
	if r.Parts {
		write(`<span class="row-place">added up from its parts:</span> `)
	}
	r.From.write(b)
	write(notes(r.Notes), `</td>
</tr>`)
}

func escaped(text string) template.HTML { return template.HTML(template.HTMLEscapeString(text)) }

// wrapped is a text between two marks; nothing where it is empty.
func wrapped(before template.HTML, text string, after template.HTML) template.HTML {
	if text == "" {
		return ""
	}
	return before + escaped(text) + after
}
