package letter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

func drawn([]byte) (string, error) { return "chart-1", nil }

// write makes the mail of one page.
func write(t testing.TB, p Pack, draw Draw) Mail {
	t.Helper()
	m, err := Write(p, draw)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// inside is what becomes of what a page shows, in HTML and as text.
func inside(t testing.TB, body string) (markup, text string) {
	t.Helper()
	m := write(t, Pack{Name: "n", Title: "t", Parts: []Part{{Title: "T", Address: "/a", Body: []byte(body)}}, Base: "https://stalkstats.example/"}, drawn)
	_, after, _ := strings.Cut(m.HTML, `<p class="small"><a href="https://stalkstats.example/a">/a</a></p>`)
	markup, _, _ = strings.Cut(after, `<div class="foot">`)
	_, after, _ = strings.Cut(m.Text, "https://stalkstats.example/a\n")
	text, _, _ = strings.Cut(after, "\n--\n")
	return strings.TrimSpace(markup), strings.TrimSpace(text)
}

// TestInside: what a page shows, as a mail has it.
func TestInside(t *testing.T) {
	for _, c := range []struct{ name, body, markup, text string }{
		{"words", `<section><h3 id="x">Title</h3><p>One <strong>two</strong> <bdi>three</bdi>.</p></section>`, `<h3>Title</h3><p>One <strong>two</strong> <bdi>three</bdi>.</p>`, "Title\n-----\nOne two three."},
		{"only on a page", `<p class="screen-only">Print it</p><span class="mark mark--concern"></span><form><input></form><script>1</script><style>p{}</style><p>Left</p>`, `<p>Left</p>`, "Left"},
		{"a link", `<p><a href="/orders?area=E1">Orders</a>, <a href="#here">here</a>, <a href="https://example.org/">there</a>, <a href="//example.org/">there</a>, <a href="javascript:alert(1)">no</a></p>`,
			`<p><a href="https://stalkstats.example/orders?area=E1">Orders</a>, here, there, there, no</p>`, "Orders, here, there, there, no"},
		{"a figure", `<p><a class="known" href="/figure?x=1">16</a> <span class="note">57.3% more</span></p>`, `<p>16 (57.3% more)</p>`, "16 (57.3% more)"},
		{"notes", `<p>16 <span class="note">(of 20)</span> <span class="note">By hand.</span><br><span class="note">100</span></p>`, `<p>16 (of 20) By hand.<br/>100</p>`, "16 (of 20) By hand.; 100"},
		{"terms", `<dl><div><dt>Owner</dt> <dd>Ann</dd></div><div class="item__enter"><dt>To do</dt><dd>Enter</dd></div></dl>`,
			`<table class="facts"><tr><th align="left" scope="row">Owner</th><td align="left">Ann</td></tr></table>`, "Owner: Ann"},
		{"where it is from", `<div class="caption">5 comes from <span class="row-place">f.csv, row 2</span></div><p>Left</p>`, `<p>Left</p>`, "Left"},
		{"a note in short", `<div class="caption">6 <details class="note"><summary>27 of 43</summary><div>All their names</div></details></div>`, `<p class="small">6 27 of 43</p>`, "6 27 of 43"},
		{"details", `<details><summary>Earlier</summary><div><p>Long ago</p></div></details><details><summary>None</summary><div></div></details>`, `<p><strong>Earlier</strong></p><p>Long ago</p>`, "Earlier\n\nLong ago"},
		{"a list", `<ol><li>One<p>more</p></li><li><strong>Two</strong></li></ol>`, `<ol><li>One<p>more</p></li><li><strong>Two</strong></li></ol>`, "1. One\n  more\n2. Two"},
		{"a warning", `<p class="warning">Late</p>`, `<p class="warning">Late</p>`, "! Late"},
		{"a tag", `<p>5 <strong class="tag">demonstration</strong></p>`, `<p>5 <strong class="tag">demonstration</strong></p>`, "5 (demonstration)"},
		{"ends", `<p class="ends"><span>Sep 2022</span> <span>Aug 2024</span></p>`, `<p class="small">From Sep 2022 to Aug 2024</p>`, "From Sep 2022 to Aug 2024"},
	} {
		t.Run(c.name, func(t *testing.T) {
			markup, text := inside(t, c.body)
			if diff := cmp.Diff(c.markup, markup); diff != "" {
				t.Errorf("HTML (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.text, text); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}

// TestChart: a chart is its picture with what it shows in words; where there is none the
// words stand alone.
func TestChart(t *testing.T) {
	const body = `<figure><div class="chart"><div class="chart__plot" role="img" aria-label="Charges rose to 19."><svg class="chart__drawn chart__drawn--full" viewBox="0 0 960 420" width="960" height="420"><path d="M0 0"></path></svg><svg class="chart__drawn chart__drawn--middle" viewBox="0 0 600 300" width="600" height="300"><clipPath id="a"><path d="M1 1"></path></clipPath></svg></div><script type="application/json">{}</script></div><figcaption class="caption">Charges rose to 19.</figcaption></figure>`
	var svg string
	p := Pack{Title: "t", Parts: []Part{{Title: "T", Address: "/a", Body: []byte(body)}}}
	m := write(t, p, func(drawing []byte) (string, error) { svg = string(drawing); return "chart-7", nil })
	if want := `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 300" width="600" height="300"><clipPath id="a"><path d="M1 1"></path></clipPath></svg>`; svg != want {
		t.Errorf("the drawing is %s", svg)
	}
	if want := `<img src="cid:chart-7" alt="Charges rose to 19." width="600" height="300"/>`; !strings.Contains(m.HTML, want) || strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, "<svg") {
		t.Errorf("%s", m.HTML)
	}
	if strings.Count(m.Text, "Charges rose to 19.") != 1 || !strings.Contains(m.Text, "[Chart: Charges rose to 19.]") {
		t.Errorf("the text says %q", m.Text)
	}
	m = write(t, p, func([]byte) (string, error) { return "", errors.New("no") })
	const said = "The picture of this chart could not be made. What it shows:"
	for _, words := range []string{said, "Charges rose to 19."} {
		if strings.Contains(m.HTML, "<img") || strings.Count(m.HTML, words) != 1 || strings.Count(m.Text, words) != 1 {
			t.Errorf("%q is not told once: %s\n%s", words, m.HTML, m.Text)
		}
	}
	// One that the page itself could not draw, and one that has no words below it.
	p.Parts[0].Body = []byte(`<div class="chart chart--failed"><div class="chart__plot" role="img" aria-label="Charges rose to 19."></div><p class="chart__failed">The chart could not be drawn, and the fault is ours. Its figures are in the table.</p></div>`)
	m = write(t, p, drawn)
	if strings.Contains(m.Text, "fault is ours") || strings.Count(m.Text, "could not be") != 1 || !strings.Contains(m.Text, "The picture of this chart could not be made: Charges rose to 19.") {
		t.Errorf("a chart that failed says %s", m.Text)
	}
}

// TestTables: of many periods the newest stand, and the mail says how many there are; a
// column in which nothing is left goes.
func TestTables(t *testing.T) {
	var rows strings.Builder
	for i := range 30 {
		fmt.Fprintf(&rows, `<tr><th scope="row">P%d</th><td class="number">%d</td><td class="from"><span class="row-place">f.csv</span></td></tr>`, 30-i, 100+i)
	}
	table := func(first string) string {
		return `<div class="scroll"><table class="figures"><caption>Charges</caption><thead><tr><th scope="col">` + first + `</th><th scope="col" class="number">Charges</th><th scope="col">Where it comes from</th></tr></thead><tbody>` + rows.String() + `</tbody></table></div>`
	}
	m := write(t, Pack{Parts: []Part{{Body: []byte(table("\nPeriod"))}}}, drawn)
	if m.Rows != 12 || !strings.Contains(m.Text, "Charges\n\nPeriod | Charges\nP30 | 100\n") || !strings.Contains(m.Text, "P19 | 111\n") || strings.Contains(m.Text, "P18") || !strings.Contains(m.Text, "The newest 12 of 30 periods: the page has all.") {
		t.Errorf("%d rows:\n%s", m.Rows, m.Text)
	}
	if strings.Contains(m.HTML, "Where it comes from") || strings.Count(m.HTML, `<td align="right">`) != 12 {
		t.Errorf("%s", m.HTML)
	}
	if m := write(t, Pack{Parts: []Part{{Body: []byte(table("Force"))}}}, drawn); m.Rows != 30 {
		t.Errorf("of forces it has %d rows", m.Rows)
	}
}

// TestSpans: a cell over several columns keeps every cell after it below its heading, in
// HTML and as text, also where a column goes.
func TestSpans(t *testing.T) {
	const head = `<table><tr><th>Stage</th><th>Now</th><th>Before</th><th>Says</th><th>From</th></tr>`
	for _, c := range []struct{ name, rows, cells, text string }{
		{"nothing goes", `<tr><th>A</th><td>1</td><td>2</td><td>more</td><td>f</td></tr><tr><th>B</th><td colspan="3">No figure.</td><td>g</td></tr>`,
			"Stage,Now,Before,Says,From A,1,2,more,f B,No figure.*3,g", "Stage | Now | Before | Says | From\nA | 1 | 2 | more | f\nB | No figure. | | | g"},
		{"the last goes", `<tr><th>A</th><td>1</td><td>2</td><td>more</td><td> </td></tr><tr><th>B</th><td colspan="3">No figure.</td><td>:</td></tr>`,
			"Stage,Now,Before,Says A,1,2,more B,No figure.*3", "Stage | Now | Before | Says\nA | 1 | 2 | more\nB | No figure. | |"},
		{"one under a cell that says something stays", `<tr><th>A</th><td>1</td><td>2</td><td></td><td>f</td></tr><tr><th>B</th><td colspan="3">No figure.</td><td>g</td></tr>`,
			"Stage,Now,Before,Says,From A,1,2,,f B,No figure.*3,g", "Stage | Now | Before | Says | From\nA | 1 | 2 | | f\nB | No figure. | | | g"},
		{"all under an empty cell go", `<tr><th>A</th><td></td><td>2</td><td></td><td>f</td></tr><tr><th>B</th><td colspan="3"></td><td>g</td></tr>`,
			"Stage,Before,From A,2,f B,,g", "Stage | Before | From\nA | 2 | f\nB | | g"},
		{"no number of columns", `<tr><th>A</th><td colspan="x">1</td><td colspan="-2">2</td><td colspan="999999999">3</td><td colspan="1">4</td></tr>`,
			"Stage,Now,Before,Says,From A,1,2,3,4", "Stage | Now | Before | Says | From\nA | 1 | 2 | 3 | 4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			markup, text := inside(t, head+c.rows+`</table>`)
			if diff := cmp.Diff(c.cells, tableOf(t, markup)); diff != "" {
				t.Errorf("HTML (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.text, text); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}

// tableOf is the cells of a table, with over how many columns each stands.
func tableOf(t *testing.T, markup string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, row := range rowsOf(root) {
		var cells []string
		for _, cell := range cellsOf(row) {
			text := textOf(cell)
			if over := attribute(cell, "colspan"); over != "" {
				text += "*" + over
			}
			cells = append(cells, text)
		}
		rows = append(rows, strings.Join(cells, ","))
	}
	return strings.Join(rows, " ")
}

// TestRowSpans: no page has cells over several rows, of which a mail would keep one.
func TestRowSpans(t *testing.T) {
	pages, err := filepath.Glob("../templates/*.gohtml")
	if err != nil || len(pages) == 0 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	for _, page := range pages {
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), "rowspan") {
			t.Errorf("%s has a cell over several rows", page)
		}
	}
}

// mostHostile ends what it stands in, begins a script, turns the direction, and would
// begin a header or a line of its own.
const mostHostile = "</p></td></table></title></style><script>alert(1)</script><img src=x onerror=alert(1)><a href=javascript:alert(1)>x</a>\"' onload=alert(1) \u202eelif\u2066\u200f\r\nBcc: all@example.org\r\n\r\n--boundary"

// TestHostile: whatever a name or a page holds, the mail is made of elements and
// attributes that this package wrote, and of characters that can be seen.
func TestHostile(t *testing.T) {
	quoted := html.EscapeString(mostHostile)
	bodies := []string{
		"<p>" + quoted + "</p>", "<p>" + mostHostile + "</p>", `<p onclick="alert(1)" style="x" id="y">x</p>`, `<p class="` + quoted + `">x</p>`,
		`<div class="chart__plot" aria-label="` + quoted + `"><svg width="` + quoted + `" height="1"><script>alert(1)</script></svg></div><div class="chart__plot" aria-label="` + quoted + `"><svg width="1" height="1"></svg></div>`,
		`<table><tr><th scope="` + quoted + `">` + quoted + `</th></tr><tr><td colspan="` + quoted + `">` + quoted + `</td></tr></table>`, `<a href="/x` + quoted + `">x</a>`,
		`<iframe src="https://example.org"></iframe><object></object><embed><base href="https://example.org"><meta http-equiv="refresh"><link rel="stylesheet"><video></video>`, `<math><mi><style><img src=x onerror=alert(1)></style></mi></math>`,
	}
	for _, body := range bodies {
		m := write(t, Pack{Name: mostHostile, Title: mostHostile, Notice: mostHostile, Facts: []Fact{{mostHostile, mostHostile}}, Foot: []string{mostHostile}, Base: "https://stalkstats.example",
			Parts: []Part{{Name: mostHostile, Title: mostHostile, Address: "/x?" + mostHostile, Failed: mostHostile, Body: []byte(body)}, {Title: mostHostile, Address: "/"}}}, drawn)
		onlyOurs(t, m.HTML)
		for _, text := range []string{m.HTML, m.Text} {
			if strings.ContainsAny(text, "\u202e\u2066\u200f\r") || strings.Contains(text, "\nBcc:") || strings.Contains(text, "\n--boundary") {
				t.Errorf("of %.60s came %q", body, text)
			}
		}
	}
}

var (
	ourElements   = strings.Fields("html head meta title style body table tbody thead tr td th p h1 h2 h3 h4 h5 ol ul li a bdi strong br img div code")
	ourAttributes = strings.Fields("lang charset name content role width height cellpadding cellspacing border align style class scope colspan id href src alt")
)

// onlyOurs finds elements, attributes and addresses that a mail may not have.
func onlyOurs(t *testing.T, text string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if !slices.Contains(ourElements, n.Data) {
			t.Errorf("it has the element %s", n.Data)
		}
		for _, a := range n.Attr {
			ours := slices.Contains(ourAttributes, a.Key)
			switch a.Key {
			case "href":
				ours = strings.HasPrefix(a.Val, "https://stalkstats.example/") || strings.HasPrefix(a.Val, "#part-")
			case "src":
				ours = strings.HasPrefix(a.Val, "cid:chart-")
			case "style":
				ours = a.Val == "width:100%;table-layout:fixed" || a.Val == "width:100%;max-width:660px;table-layout:fixed"
			}
			if !ours {
				t.Errorf("%s has %s=%q", n.Data, a.Key, a.Val)
			}
		}
	}
}

// FuzzInside: of whatever a page holds only our elements come into a mail.
func FuzzInside(f *testing.F) {
	f.Add("<p>x</p>")
	f.Add(mostHostile)
	f.Add(`<table><tr><th colspan=2>Period</th><th>x</th></tr><tr><td colspan=2></td><td></td></tr><tr><td colspan=9>y</td></tr></table>`)
	f.Add(`<table><tr><th>Period</th></tr><tr><td>` + mostHostile + `</td></tr></table><dl><dt>x<dd><details class="note"><summary>y`)
	f.Fuzz(func(t *testing.T, body string) {
		m, err := Write(Pack{Base: "https://stalkstats.example", Parts: []Part{{Address: "/", Body: []byte(body)}}}, drawn)
		if err != nil {
			return // what cannot be read is sent to nobody
		}
		onlyOurs(t, m.HTML)
	})
}
