package dashboard

import (
	"maps"
	"net/url"
	"slices"
	"testing"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/query"
	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// everyPage is one filled page for each template, and the empty ones.
func everyPage(t *testing.T, s *site, in overviewInput) map[string]any {
	t.Helper()
	overview, err := buildOverview(in)
	if err != nil {
		t.Fatal(err)
	}
	nothing, err := buildOverview(overviewInput{area: in.area, reference: reference{measures: stats.NewMeasures(nil), now: testNow}})
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
		"run": ptr(buildRun(testRun(in))), "run/check": ptr(buildRun(testCheck(in))), "run/nothing": ptr(buildRun(runInput{run: stats.Run{ID: "x", Source: "orders"}})),
		"confirm": testConfirm(in), "request": ptr(buildRequest(testAsked(in), in.titles, testNow)),
		"revisions": ptr(buildRevisions(testRevisionRequest(in), query.RevisionCounts{Changed: 300, Gone: 1, New: 2}, testRevisions(in), in.titles)),
		"layouts": ptr(buildLayouts([]Layout{{Name: "force_return", Kind: "x", Title: in.area.Name, Columns: []Column{{in.area.Name, in.area.Name, in.area.Name}}, RecordLevel: true}, {Name: "areas", Title: "areas"}},
			[]Source{{Name: "force_return", Layout: "force_return", Kind: "x"}}, in.titles)), "layouts/nothing": ptr(buildLayouts(nil, nil, nil)),
		"downloads": ptr(buildDownloads([]stats.Download{{BeganAt: testNow, Report: in.area.Name, Filters: "area=" + url.QueryEscape(in.area.Name), Audience: in.area.Name}}, testNow)), "downloads/nothing": ptr(buildDownloads(nil, time.Time{})),
		"permalink": testPermalinkPage(in), "permalink/withdrawn": ptr(buildPermalink(withdrawnPermalink(in), in.titles)),
		"permalinks": ptr(buildPermalinks([]stats.Permalink{testPermalink(in), withdrawnPermalink(in)})), "permalinks/nothing": ptr(buildPermalinks(nil)),
		"saved": ptr(buildSaved(testSaved(in), testSaving, true, testNow)), "saved/nothing": ptr(buildSaved(nil, Saving{}, false, testNow)), "save": testSave(t, s, in),
		"reports": ptr(buildReports(testChoices(in), url.Values{})), "reports/chosen": testChosen(t, s, in),
		"pack": &packPage{frame: frame{Title: in.area.Name}, Here: in.area.Name, Mails: []packMailLinks{{For: in.area.Name, File: in.area.Name, Save: in.area.Name}, {For: in.area.Name, File: in.area.Name}}, Offered: []option{{Value: in.area.Name, Text: in.area.Name, Selected: true}},
			Parts: []packPart{{Number: 1, ID: "part-1", Name: in.area.Name, Title: in.area.Name, Address: "/orders"}, {Number: 2, ID: "part-2", Title: in.area.Name, Address: in.area.Name, Failed: in.area.Name}}},
		"pack/form": &packPage{frame: frame{Title: in.area.Name}, Offered: []option{{Value: "/", Text: in.area.Name}}},
		"about":     ptr(buildAbout(in.reference, in.sources)),
		"audit":     ptr(buildAudit([]stats.Act{{At: testNow, User: in.area.Name, Action: "accept", About: in.area.Name, Outcome: stats.ActDone, Made: "/" + in.area.Name}, {At: testNow, Outcome: stats.ActRefused, Channel: stats.CommandChannel}}, auditQuery{day: testNow, user: in.area.Name}, 48*time.Hour)), "audit/nothing": ptr(buildAudit(nil, auditQuery{}, 0)),
		"account":  ptr(buildAccount(signin.Person{ID: in.area.Name, Role: signin.Admin})),
		"sessions": ptr(buildSessions([]signin.Session{{Name: "x", Person: signin.Person{ID: in.area.Name, Role: signin.Viewer}, Began: testNow, Ends: testNow}})), "sessions/nothing": ptr(buildSessions(nil)),
		"signin":          &signInPage{frame: frame{Title: "Sign in"}, Says: in.area.Name, Name: field{ID: "name", Typed: in.area.Name}, Password: field{ID: "password", Fault: "It is not right."}, Faults: []field{{ID: "password", Fault: "It is not right."}}},
		"signin/provider": &signInPage{frame: frame{Title: "You have signed out"}, Warning: in.area.Name, Provider: in.area.Name, Start: startPath, Goodbye: "https://" + in.area.Name},
		"error":           &errorPage{frame: frame{Title: "Not found"}, Sentence: "There is no page at this address."},
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
		"forces": ptr(buildForces(rec, stats.NewAreas([]stats.Area{in.area, cheshire}), in.area, forcesEvidence{failed: in.area.Name}, testNow)), "forces/nothing": ptr(buildForces(record{}, testAreas(), in.area, forcesEvidence{}, testNow)),
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
	since := sincePage{Asked: true, IsForce: true, Day: "1 June 2024", OnPaper: in.area.Name, Areas: areaOptions(q.areas, in.area.Code),
		Figures:         block[[]newFigures]{Shows: []newFigures{{Name: in.area.Name, Address: "/", Periods: in.area.Name, Source: in.area.Name, Newest: link{Text: in.area.Name, Address: "/"}, NewestOf: in.area.Name, Together: link{Text: in.area.Name}, Demonstration: true}}},
		Revised:         block[revisedFigures]{Failed: in.area.Name},
		Limits:          block[outOfLimits]{Shows: outOfLimits{Signals: []signal{{verdict: verdict{"concern", "Concern", in.area.Name}, Address: "/", Figure: link{Text: in.area.Name}}}, Tested: []signal{{verdict: verdict{"chance", "", in.area.Name}, Address: "/", Figure: link{Text: in.area.Name}, Demonstration: true}}, Unjudged: []string{in.area.Name}}},
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

// testPermalinkPage has the address that a reader's browser shows.
func testPermalinkPage(in overviewInput) *permalinkPage {
	page := buildPermalink(testPermalink(in), in.titles)
	page.Address = "http://localhost" + page.Path
	return &page
}
