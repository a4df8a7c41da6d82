package dashboard

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/pagetest"
	"stalkstats/internal/stats"
)

func setFrame(t *testing.T, s *site, name string, page any, area stats.Area) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/"+name, nil)
	f := func(own *frame) {
		if own.Standing.Late == nil {
			own.Standing.Late = []lateNote{{area.Name, area.Name, area.Name, "/data", "force_return"}}
		}
		*own = s.withCharts(s.frame(r, testAreas(), area)).with(*own)
	}
	switch p := page.(type) {
	case *overviewPage:
		f(&p.frame)
	case *measurePage:
		f(&p.frame)
	case *measuresPage:
		f(&p.frame)
	case *ordersPage:
		f(&p.frame)
	case *recommendationsPage:
		f(&p.frame)
	case *recommendationPage:
		f(&p.frame)
	case *entryPage:
		f(&p.frame)
	case *annotatePage:
		f(&p.frame)
	case *comparePage:
		f(&p.frame)
	case *sincePage:
		f(&p.frame)
	case *forcesPage:
		f(&p.frame)
	case *planPage:
		f(&p.frame)
	case *dataPage:
		f(&p.frame)
	case *runPage:
		f(&p.frame)
	case *sourcePage:
		f(&p.frame)
	case *accountPage:
		f(&p.frame)
	case *auditPage:
		f(&p.frame)
	case *sessionsPage:
		f(&p.frame)
	case *signInPage:
		f(&p.frame)
	case *confirmPage:
		f(&p.frame)
	case *requestPage:
		f(&p.frame)
	case *revisionsPage:
		f(&p.frame)
	case *figurePage:
		f(&p.frame)
	case *noFigurePage:
		f(&p.frame)
	case *permalinkPage:
		f(&p.frame)
	case *permalinksPage:
		f(&p.frame)
	case *savedPage:
		f(&p.frame)
	case *savePage:
		f(&p.frame)
	case *layoutsPage:
		f(&p.frame)
	case *downloadsPage:
		f(&p.frame)
	case *reportsPage:
		f(&p.frame)
	case *packPage:
		f(&p.frame)
	case *aboutPage:
		f(&p.frame)
	case *errorPage:
		f(&p.frame)
	default:
		t.Fatalf("%s: no frame for a %T", name, page)
	}
}

func renderAll(t *testing.T, in overviewInput) map[string][]byte {
	t.Helper()
	return renderedBy(t, newSite(t, io.Discard), in, "")
}

// renderedBy is every page as a site has it, by name and what stands before it.
func renderedBy(t *testing.T, s *site, in overviewInput, before string) map[string][]byte {
	t.Helper()
	rendered := map[string][]byte{}
	for name, page := range everyPage(t, s, in) {
		base, _, _ := strings.Cut(name, "/")
		if page, ok := page.(charted); ok {
			s.draw(httptest.NewRequest(http.MethodGet, "/", nil), page.plots())
		}
		body, err := s.templates.execute(base, page)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		rendered[before+name] = body
	}
	return rendered
}

func TestEveryTemplateIsTested(t *testing.T) {
	s := newSite(t, io.Discard)
	tested := map[string]bool{}
	for name := range everyPage(t, s, testOverview(bedfordshire)) {
		base, _, _ := strings.Cut(name, "/")
		tested[base] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(s.templates)), slices.Sorted(maps.Keys(tested))); diff != "" {
		t.Errorf("templates against those executed (-want +got):\n%s", diff)
	}
}

// What every page owes its readers and the Content-Security-Policy.
func TestEveryPage(t *testing.T) {
	for name, body := range renderAll(t, testOverview(bedfordshire)) {
		t.Run(name, func(t *testing.T) {
			root := parse(t, body)
			checkOutline(t, root)
			checkInert(t, root)
			checkTables(t, root)
			checkIDs(t, root)
			checkCharts(t, root)
		})
	}
}

func checkOutline(t *testing.T, root *html.Node) {
	t.Helper()
	for tag, want := range map[string]int{"h1": 1, "main": 1, "header": 1, "footer": 1, "nav": 1, "title": 1} {
		if got := len(pagetest.Elements(root, tag, "")); got != want {
			t.Errorf("%d <%s>, want %d", got, tag, want)
		}
	}
	heading, title := text(pagetest.Elements(root, "h1", "")[0]), text(pagetest.Elements(root, "title", "")[0])
	if title != heading+" – stalkstats" {
		t.Errorf("title %q and h1 %q differ", title, heading)
	}
	if skip := pagetest.Elements(root, "a", "govuk-skip-link"); len(skip) != 1 || pagetest.Attribute(skip[0], "href") != "#main" {
		t.Error("no link to skip to the content")
	}
	for _, control := range append(pagetest.Elements(root, "select", ""), pagetest.Elements(root, "input", "")...) {
		id := pagetest.Attribute(control, "id")
		labelled := control.Parent.Data == "label" || pagetest.Attribute(control, "type") == "hidden"
		for _, label := range pagetest.Elements(root, "label", "") {
			labelled = labelled || id != "" && pagetest.Attribute(label, "for") == id
		}
		if !labelled {
			t.Errorf("the field %q has no label", pagetest.Attribute(control, "name"))
		}
	}
}

// checkInert finds whatever the policy would refuse, or would have to allow.
func checkInert(t *testing.T, root *html.Node) {
	t.Helper()
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "style" || n.Data == "iframe" || n.Data == "object" || n.Data == "img" {
			t.Errorf("a <%s>", n.Data)
		}
		if n.Data == "script" && pagetest.Attribute(n, "src") == "" && pagetest.Attribute(n, "type") != "application/json" {
			t.Error("an inline script")
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
			if (a.Key == "href" || a.Key == "src" || a.Key == "action") && strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
	}
}

// checkCharts: each chart stands in the page, drawn in each of its boxes.
func checkCharts(t *testing.T, root *html.Node) {
	t.Helper()
	for _, plot := range pagetest.Elements(root, "div", "chart__plot") {
		drawn := pagetest.Elements(plot, "svg", "chart__drawn")
		if want := map[string]int{"chart chart--small": 1, "chart chart--full": 3}[pagetest.Attribute(plot.Parent, "class")]; len(drawn) != want {
			t.Errorf("%s has %d drawings, want %d", pagetest.Attribute(plot, "id"), len(drawn), want)
		}
		for _, svg := range drawn {
			if len(pagetest.Elements(svg, "path", "")) < 2 {
				t.Errorf("%s has a drawing of nothing", pagetest.Attribute(plot, "id"))
			}
		}
	}
}

func checkTables(t *testing.T, root *html.Node) {
	t.Helper()
	for _, table := range pagetest.Elements(root, "table", "") {
		if len(pagetest.Elements(table, "caption", "")) != 1 {
			t.Error("a table without a caption")
		}
		for _, th := range pagetest.Elements(table, "th", "") {
			if scope := pagetest.Attribute(th, "scope"); scope != "col" && scope != "row" {
				t.Errorf("the heading %q has no scope", text(th))
			}
		}
	}
}

func checkIDs(t *testing.T, root *html.Node) {
	t.Helper()
	seen := map[string]bool{}
	for n := range root.Descendants() {
		id := pagetest.Attribute(n, "id")
		if id != "" && seen[id] {
			t.Errorf("two elements with the id %q", id)
		}
		seen[id] = true
	}
}

func TestOverviewShowsItsFigures(t *testing.T) {
	root := parse(t, renderAll(t, testOverview(bedfordshire))["overview"])
	rows := pagetest.Elements(root, "article", "headline")
	if len(rows) != 4 {
		t.Fatalf("%d headline measures, want 4", len(rows))
	}
	recorded := text(rows[0])
	for _, want := range []string{"The same days of 2023 810 recording rules changed in March 2024: the two do not compare", "90†", "† Recording rules changed in March 2024: the two do not compare."} {
		if !strings.Contains(recorded, want) {
			t.Errorf("the row of offences lacks %q:\n%s", want, recorded)
		}
	}
	charges := text(rows[1])
	for _, want := range []string{"Stalking charges", "From the force’s monthly return. demonstration", "17", "2024 153 70.0% more than a year before. That is more than chance explains. The same days of 2023 90", "force_return.csv, row 19", "load aaaabbbb read on 1 Oct 2024"} {
		if !strings.Contains(charges, want) {
			t.Errorf("the row of charges lacks %q:\n%s", want, charges)
		}
	}
	ends := pagetest.Elements(rows[1], "p", "ends")[0]
	if got, want := text(ends), "Jan 2023 Aug 2024"; got != want {
		t.Errorf("under the chart's axis %q, want %q", got, want)
	}
	if !strings.Contains(charges, "Jan 2023 Aug 2024 Highest 17 (Jan 2024)") {
		t.Errorf("the row of charges does not say what is highest, and when:\n%s", charges)
	}
	if got := len(pagetest.Elements(rows[1], "div", "chart__plot")); got != 1 {
		t.Errorf("%d charts in a row, want 1", got)
	}
	if got := len(pagetest.Elements(rows[1], "table", "figures")); got != 1 {
		t.Errorf("%d tables beside the chart, want 1", got)
	}
	if !strings.Contains(text(pagetest.Elements(root, "", "masthead__audience")[0]), "demonstration") {
		t.Error("made-up figures without the label at the top")
	}
	if got := len(pagetest.Elements(pagetest.Elements(root, "ol", "strip")[0], "li", "")); got != 29 {
		t.Errorf("%d squares, want 29", got)
	}
	if got := len(pagetest.Elements(pagetest.Elements(root, "ol", "strip")[0], "a", "square--overdue")); got != 1 {
		t.Errorf("%d overdue squares, want 1", got)
	}
	var late []string
	for _, a := range pagetest.Elements(pagetest.Elements(root, "ol", "facts-list")[0], "a", "") {
		if words, ok := strings.CutPrefix(text(a), "Not up to date: "); ok {
			late = append(late, words)
		}
	}
	if diff := cmp.Diff([]string{"No figure since 27 September 2024: the force’s monthly return is 21 days late.",
		"No figure since March 2022, 30 months ago: ask for newer ones of published_force_figures before you judge."}, late); diff != "" {
		t.Errorf("what is not up to date (-want +got):\n%s", diff)
	}
	if twice := pagetest.Elements(root, "p", "warning"); len(twice) > 0 {
		t.Errorf("said twice: %q", text(twice[0]))
	}
}

// TestYearToDateIsNotSaidTwice: a latest figure that is the year to date stands
// once; beside a latest figure of other days the year to date is told.
func TestYearToDateIsNotSaidTwice(t *testing.T) {
	s := newSite(t, io.Discard)
	in := testOverview(bedfordshire)
	for _, period := range []stats.Period{stats.Quarter(2017, 4), stats.Quarter(2016, 4)} {
		in.series = analysis.Group([]stats.Figure{
			count("stalking_charges", bedfordshire.Code, "force_return", stats.Quarter(2016, 4), 20, 2),
			count("stalking_charges", bedfordshire.Code, "force_return", stats.Quarter(2017, 4), 24, 3),
		}, in.measures, testAreas())
		if period.Start.Year() == 2017 { // ends with a second quarter
			in.series[0].Figures = append(in.series[0].Figures,
				count("stalking_charges", bedfordshire.Code, "force_return", stats.Quarter(2018, 1), 30, 4))
		}
		page, err := buildOverview(in)
		if err != nil {
			t.Fatal(err)
		}
		setFrame(t, s, "overview", &page, bedfordshire)
		body, err := s.templates.execute("overview", &page)
		if err != nil {
			t.Fatal(err)
		}
		var said string
		for _, row := range pagetest.Elements(parse(t, body), "article", "headline") {
			if strings.HasPrefix(text(row), "Stalking charges") {
				said = text(pagetest.Elements(row, "dl", "headline__figures")[0])
			}
		}
		twice := period.Start.Year() == 2017
		if strings.Contains(said, "From 1 January") != twice || strings.Contains(said, "Year to date") || !strings.Contains(said, "Same period last year") {
			t.Errorf("figures = %q", said)
		}
	}
}

func TestRealFiguresHaveNoLabel(t *testing.T) {
	in := testOverview(cheshire)
	in.record.progress = nil
	root := parse(t, renderAll(t, in)["overview"])
	if got := len(pagetest.Elements(root, "", "tag")); got != 0 {
		t.Errorf("%d demonstration labels on a page of real figures", got)
	}
}

// Text out of a file is text on the page, whatever it says.
func TestHostileTextIsText(t *testing.T) {
	hostile := `</script><script>alert(1)</script><img src=x onerror=alert(1)>"'__f__alert(1)__f__`
	in := testOverview(stats.Area{Code: "E23000026", Name: hostile, Kind: stats.TerritorialForce})
	measures := slices.Clone(in.measures.All())
	for i := range measures {
		measures[i].Name, measures[i].Definition, measures[i].Caveat, measures[i].Unit = hostile, hostile, hostile, hostile
	}
	in.measures = stats.NewMeasures(measures)
	figures := testFigures()
	for i := range figures {
		figures[i].Note = hostile + "; " + stats.Demonstration
		figures[i].Origins = []stats.Origin{{File: hostile, Sheet: hostile, Row: 1}}
		figures[i].Releases = []string{hostile}
	}
	in.series = analysis.Group(figures, in.measures, stats.NewAreas([]stats.Area{in.area, allOfThem}))
	in.titles["force_return"], in.titles[hostile] = hostile, hostile
	in.breaks[0].Effect, in.breaks[0].Source = hostile, hostile
	in.sources[1].Source, in.sources[1].LastRun.Problem, in.sources[1].LastRun.File = hostile, hostile, hostile
	for i := range in.record.register {
		in.record.register[i].Ask, in.record.register[i].Source = hostile, hostile
	}
	for i := range in.record.progress {
		in.record.progress[i].Update, in.record.progress[i].Owner = hostile, hostile
		in.record.progress[i].EvidenceURL = "javascript:alert(1)"
	}
	for name, body := range renderAll(t, in) {
		t.Run(name, func(t *testing.T) {
			root := parse(t, body)
			checkInert(t, root)
			for _, script := range pagetest.Elements(root, "script", "") {
				if strings.Contains(text(script), "<") {
					t.Error("a chart's option that could end its element")
				}
			}
		})
	}
	if !strings.Contains(text(parse(t, renderAll(t, in)["overview"])), "<img src=x onerror=alert(1)>") {
		t.Error("the text is not shown as it stands")
	}
}
