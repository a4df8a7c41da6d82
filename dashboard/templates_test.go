package dashboard

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/pagetest"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// everyPage is one filled page for each template, and the empty ones.
func everyPage(t *testing.T, s *site, in overviewInput) map[string]any {
	t.Helper()
	overview, err := buildOverview(in)
	if err != nil {
		t.Fatal(err)
	}
	nothing, err := buildOverview(overviewInput{area: in.area, reference: reference{measures: stats.NewMeasures(nil)}, now: testNow})
	if err != nil {
		t.Fatal(err)
	}
	measure, err := buildMeasure("stalking_recorded", in.area, in.series, in.reference)
	if err != nil {
		t.Fatal(err)
	}
	rateMeasure, err := buildMeasure("charge_rate", in.area, in.series, in.reference)
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]any{
		"overview": &overview, "overview/nothing": &nothing, "measure": &measure, "measure/rate": &rateMeasure,
		"measures": ptr(buildMeasures(in.area, in.series, in.reference)),
		"data":     ptr(buildData(together(configured(), in.sources, nil), []stats.Run{in.sources[1].LastRun}, in.titles, testNow)), "data/nothing": ptr(buildData(nil, nil, in.titles, testNow)),
		"source": ptr(buildSource(testSource(in))), "source/nothing": ptr(buildSource(sourceInput{known: knownSource{Source: Source{Name: "orders", RecordLevel: true}}, now: testNow})),
		"run": ptr(buildRun(testRun(in))), "run/check": ptr(buildRun(testCheck(in))), "run/nothing": ptr(buildRun(runInput{run: stats.Run{ID: "x"}})),
		"confirm": testConfirm(in), "request": ptr(buildRequest(testAsked(in), in.titles, testNow)),
		"revisions": ptr(buildRevisions(testRevisionRequest(in), query.RevisionCounts{Changed: 300, Gone: 1, New: 2}, testRevisions(in), in.titles)),
		"downloads": ptr(buildDownloads([]stats.Download{{BeganAt: testNow, Report: in.area.Name, Filters: "area=" + url.QueryEscape(in.area.Name), Audience: in.area.Name}}, testNow)), "downloads/nothing": ptr(buildDownloads(nil, time.Time{})),
		"permalink": ptr(buildPermalink(testPermalink(in), in.titles)), "permalink/withdrawn": ptr(buildPermalink(withdrawnPermalink(in), in.titles)),
		"permalinks": ptr(buildPermalinks([]stats.Permalink{testPermalink(in), withdrawnPermalink(in)})), "permalinks/nothing": ptr(buildPermalinks(nil)),
		"reports": ptr(buildReports(testChoices(in), url.Values{})), "reports/chosen": testChosen(t, s, in),
		"about": ptr(buildAbout(in.reference, in.sources)),
		"error": &errorPage{frame: frame{Title: "Not found"}, Sentence: "There is no page at this address."},
	}
	maps.Copy(pages, recommendationPages(t, in))
	maps.Copy(pages, comparedPages(t, in))
	maps.Copy(pages, annotationPages(in, &measure))
	maps.Copy(pages, orderPages(t, in))
	maps.Copy(pages, figurePages(t, in))
	for name, page := range pages {
		setFrame(t, s, name, page, in.area)
	}
	return pages
}

// recommendationPages are those of what a force answers for.
func recommendationPages(t *testing.T, in overviewInput) map[string]any {
	t.Helper()
	var figures []stats.Figure
	for _, series := range in.series {
		figures = append(figures, series.Figures...)
	}
	rec := in.record
	rec.progress = append(slices.Clone(rec.progress), stats.Progress{Area: in.area.Code, Recommendation: "7", AsAt: testNow, Status: stats.Complete, Entry: "e",
		Who: in.area.Name, SaidAt: testNow, EvidenceURL: in.area.Name, TakenBack: stats.TakenBack{At: testNow, Who: in.area.Name, Why: in.area.Name}})
	found := evidenceOf(figures, stats.NewAreas([]stats.Area{in.area, allOfThem}), in.area, in.reference)
	unread := record{register: rec.register, unread: true}
	pages := map[string]any{
		"recommendations": ptr(buildRecommendations(rec, in.area, found, true, testNow)), "recommendations/unread": ptr(buildRecommendations(unread, in.area, found, true, testNow)),
		"forces": ptr(buildForces(rec, stats.NewAreas([]stats.Area{in.area, cheshire}), in.area, testNow)), "forces/nothing": ptr(buildForces(record{}, testAreas(), in.area, testNow)),
		"plan": ptr(buildPlan(rec, in.area, found, false, testNow)), "plan/figures": ptr(buildPlan(rec, in.area, found, true, testNow)), "plan/nothing": ptr(buildPlan(record{}, in.area, found, false, testNow)),
	}
	for ref, name := range map[string]string{"7": "recommendation", "3": "recommendation/unknown", "E2": "recommendation/charts"} {
		it, err := findItem(rec, ref, in.area, testNow)
		if err != nil {
			t.Fatal(err)
		}
		page, err := recommendationInput{area: in.area, item: it, rec: rec, evidence: found, actions: true, now: testNow}.build()
		if err != nil {
			t.Fatal(err)
		}
		page.Kept = in.area.Name
		form := newEntryPage(it, in.area, testNow)
		form.read(url.Values{"owner": {in.area.Name}, "update": {in.area.Name}, "evidence": {"javascript:" + in.area.Name}, "as_at": {in.area.Name}, "who": {in.area.Name}}, testNow)
		form.Title = "What does the force say?"
		pages[name], pages["entry/"+ref] = &page, form
	}
	return pages
}

// comparedPages are forces beside each other, and what has changed of one.
func comparedPages(t *testing.T, in overviewInput) map[string]any {
	t.Helper()
	year := stats.FinancialYear(2021)
	own, other := rate(in.area.Code, "published_force_figures", year, 53, 985), rate(cheshire.Code, "published_force_figures", year, 231, 2409)
	own.Note, other.Note = in.area.Name, in.area.Name
	q := compareRequest{
		areas: stats.NewAreas([]stats.Area{in.area, cheshire}), measures: in.measures, area: in.area, measure: in.measures.ByID("charge_rate")[0], period: year,
		chosen: forcesRate{measure: in.measures.ByID("charge_rate")[0], basis: "outcomes", periods: []query.RatePeriod{{Period: year, Forces: 2}}},
	}
	q.rates = []forcesRate{q.chosen}
	compared, err := buildComparison(q, []stats.Figure{own, other}, in.titles)
	if err != nil {
		t.Fatal(err)
	}
	nothing, _ := buildNothingCompared(compareRequest{areas: q.areas, measures: in.measures, area: in.area})
	since := sincePage{Asked: true, IsForce: true, Day: "1 June 2024", Areas: areaOptions(q.areas, in.area.Code),
		Figures:         block[[]newFigures]{Shows: []newFigures{{Name: in.area.Name, Address: "/", Periods: in.area.Name, Source: in.area.Name, Newest: link{Text: in.area.Name, Address: "/"}, NewestOf: in.area.Name, Together: link{Text: in.area.Name}, Demonstration: true}}},
		Revised:         block[revisedFigures]{Failed: in.area.Name},
		Limits:          block[outOfLimits]{Shows: outOfLimits{Signals: []signal{{verdict: verdict{"concern", "Concern", in.area.Name}, Address: "/", Figure: link{Text: in.area.Name}}}, Unjudged: []string{in.area.Name}}},
		Recommendations: block[recommendationNews]{Shows: recommendationNews{Changes: []statusChange{{Name: in.area.Name, Address: "/", Says: in.area.Name}}}},
	}
	since.tell(sinceInput{area: in.area, since: testNow})
	return map[string]any{"compare": &compared, "compare/nothing": &nothing, "changes": &since, "changes/unasked": &sincePage{frame: frame{Title: "What has changed"}, Areas: areaOptions(q.areas, in.area.Code)}}
}

// orderPages are those of orders with figures and without.
func orderPages(t *testing.T, in overviewInput) map[string]any {
	t.Helper()
	orders := ordersInput{reference: in.reference, area: in.area, choice: yearToDateChoice, stages: measuresNamed(in.measures, orderStages)}
	nothing, err := orders.build()
	if err != nil {
		t.Fatal(err)
	}
	var figures []stats.Figure
	for _, f := range figuresOf(in.series) {
		if f.Measure == "stalking_charges" && f.Area == in.area.Code {
			f.Measure = "spo_granted"
			figures = append(figures, f)
		}
	}
	orders.series = analysis.Group(figures, in.measures, stats.NewAreas([]stats.Area{in.area}))
	page, err := orders.build()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"orders": &page, "orders/nothing": &nothing}
}

// figurePages are one figure of each make, and one that is not there.
func figurePages(t *testing.T, in overviewInput) map[string]any {
	t.Helper()
	pages := map[string]any{}
	areas := stats.NewAreas([]stats.Area{in.area, cheshire, allOfThem})
	for name, key := range map[string]stats.Key{
		"figure":         {Measure: "stalking_charges", Area: in.area.Code, Source: "force_return", Period: stats.Month(2024, time.March)},
		"figure/sum":     {Measure: "stalking_charges", Area: in.area.Code, Source: "force_return", Period: stats.Period{Start: stats.Day(2024, 1, 1), End: stats.Day(2024, 9, 27)}},
		"figure/rate":    {Measure: "charge_rate", Area: in.area.Code, Source: "published_force_figures", Basis: "outcomes", Period: stats.FinancialYear(2021)},
		"figure/country": {Measure: "stalking_recorded", Area: stats.EnglandAndWales, Source: "home_office_recorded_crime", Period: stats.Quarter(2017, 4)},
	} {
		q := figureRequest{key: key, areas: areas, measures: in.measures}
		if err := q.find(key.Period.Range()); err != nil {
			t.Fatal(err)
		}
		own := figureInput{figureRequest: q, titles: in.titles}
		for _, f := range figuresOf(in.series) {
			if f.Area == bedfordshire.Code {
				f.Area = in.area.Code
			}
			own.counts = append(own.counts, f)
		}
		series := q.series(own.counts)
		var err error
		if own.figure, err = analysis.Over(series, key.Period); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if own.parts, err = analysis.Parts(series, key.Period); err != nil {
			t.Fatal(err)
		}
		own.figure.Value.Markers = own.figure.Value.Markers.With(stats.Revised)
		own.decimals = decimalsFor(q.measure, series.Figures)
		own.releases = in.sources[0].Served
		own.revisions = testRevisions(in)
		pages[name] = ptr(buildFigure(own))
		pages["nofigure"] = ptr(buildNoFigure(q, in.series, analysis.ErrNotCovered, in.titles))
		pages["nofigure/nothing"] = ptr(buildNoFigure(q, nil, analysis.ErrMixed, in.titles))
	}
	return pages
}

// annotationPages are the forms for what stands on a chart, each with all that
// can be wrong with it; and it makes the measure's page tell one of each kind.
func annotationPages(in overviewInput, measure *measurePage) map[string]any {
	pages := map[string]any{}
	m := in.measures.ByID("stalking_recorded")[0]
	for _, kind := range stats.AnnotationKinds {
		on := annotated{kind: kind, measure: m, area: in.area}
		form := newAnnotatePage(on, &url.URL{Path: "/measures/stalking_recorded/annotate"})
		form.read(url.Values{"value": {in.area.Name}, "day": {in.area.Name}, "words": {in.area.Name + "\x00"}, "who": {""}}, on, testNow)
		pages["annotate/"+string(kind)] = form
		in.annotations = append(in.annotations, stats.Annotation{ID: "a", MadeAt: testNow, Who: in.area.Name, Kind: kind, Measure: m.ID, Area: in.area.Code, Day: testNow, Words: in.area.Name})
	}
	measure.annotate("stalking_recorded", in.area, in.reference, true)
	return pages
}

func ptr[T any](v T) *T { return &v }

func setFrame(t *testing.T, s *site, name string, page any, area stats.Area) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/"+name, nil)
	f := func(own *frame) {
		if own.Late == nil {
			own.Late = []lateNote{{area.Name, area.Name, area.Name, "/data", "force_return"}}
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
	case *downloadsPage:
		f(&p.frame)
	case *reportsPage:
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
	s := newSite(t, io.Discard)
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
		rendered[name] = body
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
			if len(pagetest.Elements(svg, "path", "")) < 3 {
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
	for _, want := range []string{"Stalking charges", "From the force’s monthly return. demonstration", "17", "2024 153 70.0% more than a year before The same days of 2023 90", "force_return.csv, row 19", "load aaaabbbb read on 1 Oct 2024"} {
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
		"The last run of Home Office recorded crime was refused on 14 October 2024: figures are those served since 14 September 2024."}, late); diff != "" {
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
