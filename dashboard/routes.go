package dashboard

import (
	"net/http"

	"stalkstats/dashboard/signin"
	"stalkstats/internal/lately"
	"stalkstats/internal/stats"
)

// A registrar registers pages for one kind of reader. Whoever adds a page must
// say by which: what is not registered as public does not exist on the site for
// everybody, and nothing else keeps it away from there. And for which role: a page of
// none is for nobody, where people sign in.
type registrar struct {
	site   *site
	mux    *http.ServeMux
	log    downloadRecorder
	acts   actRecorder
	public bool
	open   bool        // also for those who have not signed in
	needs  signin.Role // the least that may have the page
}

// A route is a pattern, and who may have it.
type route struct {
	pattern string
	public  bool
	open    bool
	needs   signin.Role
	action  stats.Action // by which the audit has it; empty: it changes nothing
}

// of is a registrar of pages for a role and those above it.
func (g registrar) of(role signin.Role) registrar {
	g.needs = role
	return g
}

// anybody is a registrar of pages for which nobody has to sign in.
func (g registrar) anybody() registrar {
	g.open = true
	return g
}

func (g registrar) page(pattern string, h handler) { g.act(pattern, "", h) }

// act is a form that does something when it is sent, which the audit has.
func (g registrar) act(pattern string, action stats.Action, h handler) {
	one := route{pattern, g.public, g.open, g.needs, action}
	g.site.all = append(g.site.all, one)
	if !g.public && (g.site.forSome || !g.site.isInternal()) {
		return
	}
	if h = g.site.guarded(one, h); action != "" {
		h = g.site.audited(g.acts, action, h)
	}
	g.site.known[pattern] = one
	g.mux.Handle(pattern, g.site.serve(h))
}

// kept is a page that is kept by what it shows.
func (g registrar) kept(pattern string, h handler) {
	g.site.keeping.patterns[pattern] = true
	g.page(pattern, h)
}

// figures is a file of figures, which waits for its turn and is recorded as a
// download.
func (g registrar) figures(pattern, report string, h handler) {
	g.page(pattern, ended(g.site.recorded(g.log, report, g.site.inTurn(h))))
}

func (s *site) routes(o Options) http.Handler {
	mux := http.NewServeMux()
	s.pages, s.all, s.known = mux, nil, map[string]route{}
	s.packer = packerOf(s, o)
	s.keeping = keeping{patterns: map[string]bool{}, state: o.Reader, pages: lately.New[pageKey, *answer](s.mostKept()), turns: make(chan struct{}, pagesAtOnce())}
	internal := registrar{site: s, mux: mux, log: o.Reader, acts: o.Reader}
	if o.recorder != nil {
		internal.log = o.recorder
	}
	public := internal
	public.public = true

	s.figureRoutes(public, o)
	s.reportRoutes(public.of(signin.Analyst), o)
	s.linkRoutes(public.of(signin.Viewer), o.Reader)
	s.apiRoutes(public.of(signin.Analyst), o)
	public.anybody().page("GET /healthz", s.health)
	public.anybody().page("GET /readyz", s.readiness)
	public.anybody().page("GET /static/{hash}/{file}", s.assets.serve)
	public.anybody().page("GET /paper.css", s.paper)
	public.of(signin.Viewer).page(everythingElse, s.nothingHere)

	s.forceRoutes(internal, o.Reader)
	s.enteringRoutes(internal.of(signin.DataOwner), o.Reader)
	s.permalinkRoutes(internal, o.readers(), o.Reader)
	s.savedRoutes(internal.of(signin.Analyst), o.readers(), o.Reader)
	s.dataRoutes(internal, o.Reader)
	if s.signIn != nil {
		s.signInRoutes(internal, o.Reader)
	}
	return mux
}

// figureRoutes are the pages of figures.
func (s *site) figureRoutes(g registrar, o Options) {
	public, analysts := g.of(signin.Viewer), g.of(signin.Analyst)
	public.kept("GET /{$}", s.overview(o.Reader))
	public.kept("GET /forces", s.chooseForce(o.Reader))
	public.kept("GET /forces/{area}", s.overview(o.Reader))
	public.kept("GET /measures", s.measures(o.Reader))
	public.kept("GET /measures/{measure}", s.measure(o.Reader))
	public.kept("GET /compare", s.compare(o.Reader))
	public.kept("GET /orders", s.orders(o.Reader))
	public.kept("GET /charts/{file}", s.measureChart(o.Reader))
	public.kept("GET /charts/compare.svg", s.compareChart(o.Reader))
	public.kept("GET /figure", s.figure(o.Reader))
	analysts.figures("GET /figure.csv", "figure", s.figureCSV(o.Reader))
	analysts.page("GET /figure.csv-metadata.json", s.figureMetadata(o.Reader))
	public.kept("GET /recommendations", s.recommendations(o.Reader))
	public.kept("GET /recommendations/forces", s.recommendationForces(o.Reader))
	public.kept("GET /recommendations/{ref}", s.recommendation(o.Reader))
	public.kept("GET /about", s.about(o.Reader))
}

// reportRoutes are the files of figures: each reader hands out those of its audience
// alone.
func (s *site) reportRoutes(public registrar, o Options) {
	public.page("GET /reports", s.reports(o.Reader, o.readers()))
	public.figures("GET /reports/observations.csv", observationsReport, s.observations(o.readers(), csvFile()))
	public.page("GET /reports/observations.csv-metadata.json", s.observationsMetadata(o.readers()))
	public.figures("GET /reports/observations.zip", ArchiveReport, s.observations(o.readers(), s.zipFile()))
	public.figures("GET /reports/observations.xlsx", observationsReport+" (spreadsheet)", s.observations(o.readers(), s.workbookFile()))
	public.figures("GET /reports/recommendations.csv", "recommendations", s.recommendationsCSV(o.Reader))
	public.page("GET /reports/recommendations.csv-metadata.json", s.recommendationsMetadata(o.Reader))
}

// linkRoutes are what was kept under permanent links: somebody has been given the address
// to open it.
func (s *site) linkRoutes(public registrar, reader Reader) {
	public.figures("GET /permalink/{id}", "permanent link", s.permalink(reader))
	public.page("GET /permalink/{id}/metadata.json", s.permalinkMetadata(reader))
	public.page("GET /permalink/{id}/about", s.permalinkAbout(reader))
}

// nothingHere answers for every address that has no page.
func (s *site) nothingHere(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return problem{status: http.StatusMethodNotAllowed, sentence: "Nothing can be sent to this address: it can only be read."}
	}
	if isAPI(r) {
		return notFound("There is nothing at this address: %s says what there is.", apiRoot)
	}
	if s.forSome {
		return notFound("There is no page at this address for you: who may see only some areas in detail has the pages of figures alone.")
	}
	return notFound("There is no page at this address.")
}

// forceRoutes are the pages on which true figures stand that no gate can hide, or
// what only the force may know of itself.
func (s *site) forceRoutes(g registrar, reader Reader) {
	internal, analysts, admins := g.of(signin.Viewer), g.of(signin.Analyst), g.of(signin.Admin)
	internal.kept("GET /changes", s.changesSince(reader))
	internal.kept("GET /recommendations/plan", s.plan(reader))
	internal.kept("GET "+packPath, s.pack(reader))
	analysts.figures("GET "+packMailPath, PackReport, s.packMail)
	internal.page("GET /data", s.data(reader))
	internal.page("GET "+layoutsAddress, s.layoutsPage(reader))
	internal.page("GET /data/revisions", s.revisions(reader))
	analysts.figures("GET /data/revisions.csv", "revisions", s.revisionsCSV(reader))
	analysts.page("GET /data/revisions.csv-metadata.json", s.revisionsMetadata(reader))
	admins.page("GET /data/downloads", s.downloads(reader))
	admins.figures("GET /data/downloads.csv", "downloads", s.downloadsCSV(reader))
	admins.page("GET /data/downloads.csv-metadata.json", s.downloadsMetadata)
	admins.page("GET "+auditPath, s.audit(reader))
	admins.figures("GET "+auditPath+".csv", "audit", s.auditCSV(reader))
	admins.page("GET "+auditPath+".csv-metadata.json", s.auditMetadata)
	admins.page("GET /metrics", s.metrics(reader))
}

// enteringRoutes are the pages on which something is entered. A form is sent to
// the address that it stands at.
func (s *site) enteringRoutes(internal registrar, reader Reader) {
	internal.page("GET /measures/{measure}/annotate", s.annotateForm(reader))
	internal.act("POST /measures/{measure}/annotate", stats.AnnotateAct, s.annotate(reader))
	internal.page("GET /measures/{measure}/annotations/{id}/take-back", s.takeBackAnnotationForm(reader))
	internal.act("POST /measures/{measure}/annotations/{id}/take-back", stats.TakeBackNoteAct, s.takeBackAnnotation(reader))
	internal.page("GET /recommendations/{ref}/enter", s.entryForm(reader))
	internal.act("POST /recommendations/{ref}/enter", stats.EnterAct, s.enter(reader))
	internal.page("GET /recommendations/{ref}/entries/{entry}/take-back", s.takeBackForm(reader))
	internal.act("POST /recommendations/{ref}/entries/{entry}/take-back", stats.TakeBackAct, s.takeBack(reader))
}

// permalinkRoutes are the pages on which permanent links are made and withdrawn.
func (s *site) permalinkRoutes(g registrar, readers Readers, keeper permalinksKeeper) {
	internal, owners := g.of(signin.Analyst), g.of(signin.DataOwner)
	internal.page("GET /reports/permalinks", s.permalinks(keeper))
	internal.page("GET /reports/permalink", s.permalinkForm(readers, keeper))
	internal.act("POST /reports/permalink", stats.MakeLinkAct, s.makePermalink(readers, keeper))
	owners.page("GET /permalink/{id}/withdraw", s.withdrawPermalinkForm(keeper))
	owners.act("POST /permalink/{id}/withdraw", stats.WithdrawLinkAct, s.withdrawPermalink(keeper))
}

// savedRoutes are the pages on which reports are saved and removed.
func (s *site) savedRoutes(internal registrar, readers Readers, keeper savedKeeper) {
	internal.page("GET "+SavedAddress, s.savedReports(keeper))
	internal.page("GET "+savePath, s.saveForm(s.saveable(readers), keeper))
	internal.act("POST "+savePath, stats.SaveReportAct, s.saveReport(s.saveable(readers), keeper))
	internal.page("GET "+savePackPath, s.saveForm(s.saveablePack, keeper))
	internal.act("POST "+savePackPath, stats.SavePackAct, s.saveReport(s.saveablePack, keeper))
	internal.page("GET "+SavedAddress+"/{id}/remove", s.removeSavedForm(keeper))
	internal.act("POST "+SavedAddress+"/{id}/remove", stats.RemoveReportAct, s.removeSaved(keeper))
}

// dataRoutes are the pages on which a data owner works. Each action has a page
// that says what it will change, at the address that it is sent to.
func (s *site) dataRoutes(g registrar, reader Reader) {
	internal, analysts, owners := g.of(signin.Viewer), g.of(signin.Analyst), g.of(signin.DataOwner)
	internal.page("GET /data/sources/{name}", s.source(reader))
	owners.page("GET /data/sources/{name}/template.csv", s.template)
	owners.act("POST /data/sources/{name}/upload", stats.SendAct, s.upload(reader))
	internal.page("GET /data/runs/{id}", s.run(reader))
	analysts.figures("GET /data/runs/{id}/changes.csv", "changes of a run", s.changesCSV(reader))
	analysts.figures("GET /data/runs/{id}/rejected.csv", "rejected rows of a run", s.rejectedCSV(reader))
	internal.page("GET /data/requests/{id}", s.request(reader))
	for _, one := range []struct {
		address string
		action  stats.Action
		build   builder
	}{
		{"/data/sources/{name}/run", stats.RunAct, s.runAction(reader)},
		{"/data/sources/{name}/check", stats.CheckAct, s.checkAction(reader)},
		{"/data/runs/{id}/replay", stats.ReplayAct, s.replayAction(reader)},
		{"/data/runs/{id}/accept", stats.AcceptAct, s.acceptAction(reader)},
		{"/data/releases/{id}/withdraw", stats.WithdrawAct, s.withdrawAction(reader)},
	} {
		owners.page("GET "+one.address, s.confirm(reader, one.build))
		owners.act("POST "+one.address, one.action, s.submit(reader, one.build))
	}
}
