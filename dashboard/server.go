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
	"net/netip"
	"sync"
	"time"

	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/draw"
	"stalkstats/dashboard/signin"
)

// Options is what the dashboard needs to run.
type Options struct {
	Reader Reader
	// Audience is whom the pages are for; empty is Internal. A site of the Published
	// one is for everybody: Reader is then what it may see, the pages are those
	// registered as public, and it may be reached from anywhere.
	Audience string
	Public   Public // what a site for everybody has on its pages
	// Contact is whom a reader of the figures can ask, in one line; empty: nobody is named.
	Contact  string
	Markings Markings
	// SignIn lets people in; nil: nobody signs in, and only this computer may see the
	// pages. A site for everybody has none.
	SignIn *signin.SignIn
	// Proxies are the programs that speak TLS in front of this one. Where there are
	// any, nothing is answered that comes past them without TLS.
	Proxies []netip.Prefix
	// AuditKept is how long it is kept who did what; 0: for ever.
	AuditKept time.Duration
	// Published is what internal readers can ask for as the published audience
	// has it. A site of that audience leaves it empty.
	Published Reader
	// Detail is what people have who may see some areas in detail, as published.Reader's
	// ForSome makes it; nil: nobody who may see only some has any figure.
	Detail  Reader
	Rules   disclosure.Rules // of disclosure control, for the pages to tell
	Home    string           // ONS code of the force whose figures "/" shows
	Version string
	// Sources is what the configuration knows of the sources, in its order. A
	// source that is not in it goes by its short name.
	Sources []Source
	// Layouts are all files that people fill in.
	Layouts []Layout
	// Actions says whether sources can be run, files sent, and releases
	// accepted and withdrawn on the pages.
	Actions bool
	// Saving says when and where saved reports can be delivered.
	Saving Saving
	// Backups says when backups are taken.
	Backups Backups
	// MaxUpload is how many bytes a file that is sent may have; 0 is 256 MiB.
	MaxUpload int64
	Logger    *slog.Logger
	// Ready returns nil once the figures can be read, and until then why not.
	Ready func(context.Context) error
	// Now is the clock: deadlines are late against it, and pages say when
	// they were made.
	Now func() time.Time

	some     bool             // the site is for people who may see some areas in detail
	recorder downloadRecorder // of their downloads
}

// readers is the figures by audience.
func (o Options) readers() Readers {
	if o.Audience == Published {
		return Readers{Published: o.Reader, Now: o.Now}
	}
	return Readers{Internal: o.Reader, Published: o.Published, Now: o.Now}
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
	auditReader
	permalinksKeeper
	savedKeeper
	figureReader
	aboutReader
	stamper
}

// site is what all handlers share.
type site struct {
	home      string
	audience  string
	public    Public
	contact   string // whom a reader of the figures can ask
	markings  Markings
	signIn    *signin.SignIn // nil: nobody signs in
	proxies   []netip.Prefix
	auditKept time.Duration
	rules     disclosure.Rules
	pages     *http.ServeMux // which addresses there are
	all       []route        // also those that this site has not
	known     map[string]route
	areas     areasReader // for error pages; nil: they name no force
	editions  editioner   // nil: pages do not tell since when their figures are served
	sources   []Source
	layouts   []Layout
	titles    sourceTitles
	limits    freshLimits // how old what a source serves may be
	actions   bool
	entering  sync.Mutex // an entry that is sent twice is kept once
	linking   sync.Mutex // what is to be kept stands in memory: one permanent link is made at a time
	maxLink   int64      // bytes that one may hold
	saving    sync.Mutex // two reports of one name are not saved
	delivered Saving
	backedUp  Backups
	turns     turns
	wait      time.Duration // how long a page may wait for what somebody asked for
	maxUpload int64
	version   string
	log       *slog.Logger
	ready     func(context.Context) error
	now       func() time.Time
	assets    *assets
	renderer  *draw.Renderer // of charts
	keeping   keeping
	packer    Packer
	templates templates
	forSome   bool       // of people who may see some areas in detail
	some      *someSites // for them; nil: none
}

// New makes the handler of the whole site. It fails where the style sheet or
// the chart library has not been built, or a template is broken.
func New(o Options) (*Site, error) {
	s, routes, err := makeSite(o)
	if err != nil {
		return nil, err
	}
	if s.some, err = s.makeSome(o); err != nil {
		return nil, err
	}
	go s.warm()
	return &Site{s.protect(routes), s, s.kept(compressed(routes)), o.Reader}, nil
}

// makeSite is a site with its pages, that nobody is served yet.
func makeSite(o Options) (*site, http.Handler, error) {
	built, err := loadAssets(staticFiles)
	if err != nil {
		return nil, nil, err
	}
	parsed, err := parseTemplates()
	if err != nil {
		return nil, nil, fmt.Errorf("dashboard templates: %w", err)
	}
	s := &site{
		home: o.Home, audience: cmp.Or(o.Audience, Internal), public: o.Public, contact: o.Contact, markings: o.Markings, signIn: o.SignIn, proxies: o.Proxies, auditKept: o.AuditKept, rules: o.Rules, areas: o.Reader, editions: o.Reader, sources: o.Sources, layouts: o.Layouts, titles: titlesOf(o.Sources), limits: limitsOf(o.Sources), actions: o.Actions,
		delivered: o.Saving, backedUp: o.Backups, turns: usualTurns(), wait: usualWait, maxLink: largestLink, maxUpload: cmp.Or(o.MaxUpload, defaultMaxUpload), version: o.Version, log: o.Logger, ready: o.Ready, now: o.Now,
		assets: built, templates: parsed, renderer: chartRenderer(), forSome: o.some,
	}
	return s, s.routes(o), nil
}

// warm makes an engine that draws charts, so that the first reader does not wait
// for it.
func (s *site) warm() {
	if err := s.renderer.Warm(); err != nil {
		s.log.Error("no chart can be drawn on the server", "error", err)
	}
}

func (s *site) isInternal() bool { return s.audience != Published }

// readByAnybody reports whether anybody may read the site: then it keeps no record of who
// does, and has for victims what they need.
func (s *site) readByAnybody() bool { return s.audience == Published && s.signIn == nil }

// marking is the protective marking of the site's pages; empty: they have none.
func (s *site) marking() string { return s.markings.Of(s.audience) }
