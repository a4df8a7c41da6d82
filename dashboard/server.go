// Package dashboard serves the pages: force performance from the figures in
// ClickHouse, each with its chart, its table and the file and row it came
// from. What people ask for on the pages it writes down, and the scheduler
// does it; the figures it only reads.
//
// Every page is one file: a page struct that holds exactly what the template
// shows, the function that builds it from figures, and the handler that
// fetches the figures. Templates decide nothing.
package dashboard

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/draw"
)

// Options is what the dashboard needs to run.
type Options struct {
	Reader Reader
	// Audience is whom the pages are for; empty is Internal. What the published
	// one may not see has no page, and Reader is then what it may.
	Audience string
	// Published is what internal readers can ask for as the published audience
	// has it. A site of that audience leaves it empty.
	Published Reader
	Rules     disclosure.Rules // of disclosure control, for the pages to tell
	Home      string           // ONS code of the force whose figures "/" shows
	Version   string
	// Sources is what the configuration knows of the sources, in its order. A
	// source that is not in it goes by its short name.
	Sources []Source
	// Actions says whether sources can be run, files sent, and releases
	// accepted and withdrawn on the pages.
	Actions bool
	// Saving says when and where saved reports can be delivered.
	Saving Saving
	// MaxUpload is how many bytes a file that is sent may have; 0 is 256 MiB.
	MaxUpload int64
	Logger    *slog.Logger
	// Ready returns nil once the figures can be read, and until then why not.
	Ready func(context.Context) error
	// Now is the clock: deadlines are late against it, and pages say when
	// they were made.
	Now func() time.Time
}

// readers is the figures by audience.
func (o Options) readers() Readers {
	if o.Audience == Published {
		return Readers{Published: o.Reader}
	}
	return Readers{Internal: o.Reader, Published: o.Published}
}

// Reader is everything the pages ask of the figures.
type Reader interface {
	overviewReader
	measuresReader
	annotateReader
	compareReader
	sinceReader
	entryReader
	dataReader
	runReader
	sourceReader
	actionReader
	uploader
	requestReader
	reportsReader
	downloadReader
	apiReader
	revisionsReader
	downloadsReader
	permalinksKeeper
	savedKeeper
	figureReader
	aboutReader
}

// site is what all handlers share.
type site struct {
	home      string
	audience  string
	rules     disclosure.Rules
	pages     *http.ServeMux // which addresses there are
	areas     areasReader    // for error pages; nil: they name no force
	sources   []Source
	titles    sourceTitles
	limits    freshLimits // how old what a source serves may be
	actions   bool
	entering  sync.Mutex // an entry that is sent twice is kept once
	linking   sync.Mutex // what is to be kept stands in memory: one permanent link is made at a time
	maxLink   int64      // bytes that one may hold
	saving    sync.Mutex // two reports of one name are not saved
	delivered Saving
	maxUpload int64
	version   string
	log       *slog.Logger
	ready     func(context.Context) error
	now       func() time.Time
	assets    *assets
	renderer  *draw.Renderer // of charts
	templates templates
}

// New makes the handler of the whole site. It fails where the style sheet or
// the chart library has not been built, or a template is broken.
func New(o Options) (http.Handler, error) {
	built, err := loadAssets(staticFiles)
	if err != nil {
		return nil, err
	}
	parsed, err := parseTemplates()
	if err != nil {
		return nil, fmt.Errorf("dashboard templates: %w", err)
	}
	s := &site{
		home: o.Home, audience: cmp.Or(o.Audience, Internal), rules: o.Rules, areas: o.Reader, sources: o.Sources, titles: titlesOf(o.Sources), limits: limitsOf(o.Sources), actions: o.Actions,
		delivered: o.Saving, maxLink: largestLink, maxUpload: cmp.Or(o.MaxUpload, defaultMaxUpload), version: o.Version, log: o.Logger, ready: o.Ready, now: o.Now,
		assets: built, templates: parsed, renderer: draw.New(chartLibrary(), draw.Usual()),
	}
	go s.warm()
	return s.protect(s.routes(o)), nil
}

// warm makes an engine that draws charts, so that the first reader does not wait
// for it.
func (s *site) warm() {
	if err := s.renderer.Warm(); err != nil {
		s.log.Error("no chart can be drawn on the server", "error", err)
	}
}

func (s *site) isInternal() bool { return s.audience != Published }

func (s *site) routes(o Options) http.Handler {
	mux := http.NewServeMux()
	s.pages = mux
	page := func(pattern string, h handler) { mux.Handle(pattern, s.serve(h)) }
	figures := func(pattern, report string, h handler) { page(pattern, s.recorded(o.Reader, report, h)) }

	page("GET /{$}", s.overview(o.Reader))
	page("GET /forces", s.chooseForce(o.Reader))
	page("GET /forces/{area}", s.overview(o.Reader))
	page("GET /measures", s.measures(o.Reader))
	page("GET /measures/{measure}", s.measure(o.Reader))
	page("GET /compare", s.compare(o.Reader))
	page("GET /orders", s.orders(o.Reader))
	page("GET /charts/{file}", s.measureChart(o.Reader))
	page("GET /charts/compare.svg", s.compareChart(o.Reader))
	page("GET /figure", s.figure(o.Reader))
	figures("GET /figure.csv", "figure", s.figureCSV(o.Reader))
	page("GET /figure.csv-metadata.json", s.figureMetadata(o.Reader))
	page("GET /recommendations", s.recommendations(o.Reader))
	page("GET /recommendations/forces", s.recommendationForces(o.Reader))
	page("GET /recommendations/plan", s.plan(o.Reader))
	page("GET /recommendations/{ref}", s.recommendation(o.Reader))
	page("GET /reports", s.reports(o.Reader, o.readers()))
	figures("GET /reports/observations.csv", observationsReport, s.observations(o.readers(), csvFile()))
	page("GET /reports/observations.csv-metadata.json", s.observationsMetadata(o.readers()))
	figures("GET /reports/observations.zip", ArchiveReport, s.observations(o.readers(), s.zipFile()))
	figures("GET /reports/observations.xlsx", observationsReport+" (spreadsheet)", s.observations(o.readers(), s.workbookFile()))
	figures("GET /reports/recommendations.csv", "recommendations", s.recommendationsCSV(o.Reader))
	page("GET /reports/recommendations.csv-metadata.json", s.recommendationsMetadata(o.Reader))
	figures("GET /permalink/{id}", "permanent link", s.permalink(o.Reader))
	page("GET /permalink/{id}/metadata.json", s.permalinkMetadata(o.Reader))
	page("GET /permalink/{id}/about", s.permalinkAbout(o.Reader))
	s.apiRoutes(page, o)
	page("GET /about", s.about(o.Reader))
	page("GET /healthz", s.health)
	page("GET /readyz", s.readiness)
	page("GET /static/{hash}/{file}", s.assets.serve)
	page("GET /paper.css", s.paper)
	if s.isInternal() {
		s.internalRoutes(page, o.Reader)
		s.permalinkRoutes(page, o.readers(), o.Reader)
		s.savedRoutes(page, o.readers(), o.Reader)
	}
	page(everythingElse, func(w http.ResponseWriter, r *http.Request) error {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			return problem{status: http.StatusMethodNotAllowed, sentence: "Nothing can be sent to this address: it can only be read."}
		}
		if isAPI(r) {
			return notFound("There is nothing at this address: %s says what there is.", apiRoot)
		}
		return notFound("There is no page at this address.")
	})
	return mux
}

// internalRoutes are the pages that the published audience has not: on them
// something is entered or run, or true figures stand that no gate can hide. A
// form is sent to the address that it stands at.
func (s *site) internalRoutes(page func(pattern string, h handler), reader Reader) {
	page("GET /changes", s.changesSince(reader))
	page("GET /measures/{measure}/annotate", s.annotateForm(reader))
	page("POST /measures/{measure}/annotate", s.annotate(reader))
	page("GET /measures/{measure}/annotations/{id}/take-back", s.takeBackAnnotationForm(reader))
	page("POST /measures/{measure}/annotations/{id}/take-back", s.takeBackAnnotation(reader))
	page("GET /recommendations/{ref}/enter", s.entryForm(reader))
	page("POST /recommendations/{ref}/enter", s.enter(reader))
	page("GET /recommendations/{ref}/entries/{entry}/take-back", s.takeBackForm(reader))
	page("POST /recommendations/{ref}/entries/{entry}/take-back", s.takeBack(reader))
	page("GET /data", s.data(reader))
	page("GET /data/revisions", s.revisions(reader))
	page("GET /data/revisions.csv", s.recorded(reader, "revisions", s.revisionsCSV(reader)))
	page("GET /data/revisions.csv-metadata.json", s.revisionsMetadata(reader))
	page("GET /data/downloads", s.downloads(reader))
	page("GET /data/downloads.csv", s.downloadsCSV(reader))
	page("GET /data/downloads.csv-metadata.json", s.downloadsMetadata)
	page("GET /metrics", s.metrics(reader))
	s.dataRoutes(page, reader)
}

// permalinkRoutes are the pages on which permanent links are made and withdrawn.
func (s *site) permalinkRoutes(page func(pattern string, h handler), readers Readers, keeper permalinksKeeper) {
	page("GET /reports/permalinks", s.permalinks(keeper))
	page("GET /reports/permalink", s.permalinkForm(readers, keeper))
	page("POST /reports/permalink", s.makePermalink(readers, keeper))
	page("GET /permalink/{id}/withdraw", s.withdrawPermalinkForm(keeper))
	page("POST /permalink/{id}/withdraw", s.withdrawPermalink(keeper))
}

// savedRoutes are the pages on which reports are saved and removed.
func (s *site) savedRoutes(page func(pattern string, h handler), readers Readers, keeper savedKeeper) {
	page("GET "+SavedAddress, s.savedReports(keeper))
	page("GET "+savePath, s.saveForm(readers, keeper))
	page("POST "+savePath, s.saveReport(readers, keeper))
	page("GET "+SavedAddress+"/{id}/remove", s.removeSavedForm(keeper))
	page("POST "+SavedAddress+"/{id}/remove", s.removeSaved(keeper))
}

// dataRoutes are the pages on which a data owner works. Each action has a page
// that says what it will change, at the address that it is sent to.
func (s *site) dataRoutes(page func(pattern string, h handler), reader Reader) {
	page("GET /data/sources/{name}", s.source(reader))
	page("GET /data/sources/{name}/template.csv", s.template)
	page("POST /data/sources/{name}/upload", s.upload(reader))
	page("GET /data/runs/{id}", s.run(reader))
	page("GET /data/runs/{id}/changes.csv", s.recorded(reader, "changes of a run", s.changesCSV(reader)))
	page("GET /data/runs/{id}/rejected.csv", s.recorded(reader, "rejected rows of a run", s.rejectedCSV(reader)))
	page("GET /data/requests/{id}", s.request(reader))
	for address, build := range map[string]builder{
		"/data/sources/{name}/run":     s.runAction(reader),
		"/data/sources/{name}/check":   s.checkAction(reader),
		"/data/runs/{id}/replay":       s.replayAction(reader),
		"/data/runs/{id}/accept":       s.acceptAction(reader),
		"/data/releases/{id}/withdraw": s.withdrawAction(reader),
	} {
		page("GET "+address, s.confirm(reader, build))
		page("POST "+address, s.submit(reader, build))
	}
}
