package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// sourcePage is one source: how it stands, what it has published, its runs,
// the layout of its file, and what can be done.
type sourcePage struct {
	frame
	sourceRow
	Schedule  string
	Place     string
	Layout    string
	Asked     []askedRow
	Releases  []releaseRow
	History   runTable
	Columns   []Column
	Template  string // its address; empty where there is none
	Upload    string // the address a file is sent to; empty where none can be
	UploadMax string
	NoUpload  bool   // its file holds records about people
	Longest   int    // characters of a name
	Run       string // the address of the page that asks whether to run it
	Check     string // the same for a check only
	HeldRun   string
	HeldBack  block[[]heldBackRow]
	Undone    *withdrawnRow // the withdrawal that nothing was published after; nil where none
}

// releaseRow is one release: what it serves, and who withdrew it.
type releaseRow struct {
	servedRelease
	Serves    string
	Slices    string // their names, where those tell something
	Withdrawn string
	Why       string
	By        link // the run that withdrew it
}

// withdrawnRow is the withdrawal of one file's release.
type withdrawnRow struct {
	File, Words, Why string
	By               link
}

// askedRow is a request that waits.
type askedRow struct{ What, When, Address string }

type sourceReader interface {
	dataReader
	releasesReader
	OpenRequests(ctx context.Context, source string) ([]query.Asked, error)
}

// sourceInput is what the page of a source is built from.
type sourceInput struct {
	known    knownSource
	releases []query.PastRelease
	runs     []stats.Run
	asked    []query.Asked
	titles   sourceTitles
	slices   sliceNamer
	actions  bool
	largest  int64 // bytes of an upload
	now      time.Time
}

func (s *site) source(reader sourceReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := parameters(r); err != nil {
			return err
		}
		known, err := s.findSource(r.Context(), reader, r.PathValue("name"))
		if err != nil {
			return err
		}
		in := sourceInput{known: known, titles: s.titles, actions: s.offers(r, signin.DataOwner), largest: s.maxUpload, now: s.now()}
		if in.slices, err = namerOf(r.Context(), reader); err != nil {
			return err
		}
		if in.releases, err = reader.Releases(r.Context(), known.Name); err != nil {
			return err
		}
		if in.runs, err = reader.Runs(r.Context(), known.Name, recentRuns); err != nil {
			return err
		}
		if in.asked, err = reader.OpenRequests(r.Context(), known.Name); err != nil {
			return err
		}
		page := buildSource(in)
		page.HeldBack = s.heldBack(r, reader, func() (sliceNamer, error) { return in.slices, nil })
		page.HeldBack.Shows = heldBackOf(page.HeldBack.Shows, known.Name)
		if page.frame, err = s.plainFrame(r, reader, page.frame); err != nil {
			return err
		}
		return s.render(w, "source", page)
	}
}

type sourcesReader interface {
	Sources(ctx context.Context) ([]stats.Freshness, error)
	coveredReader
}

// knownSources is every source that is configured or ever ran.
func (s *site) knownSources(ctx context.Context, reader sourcesReader) ([]knownSource, error) {
	ran, err := reader.Sources(ctx)
	if err != nil {
		return nil, err
	}
	covered, err := reader.Covered(ctx, s.limits.ofFigures())
	return together(s.sources, ran, covered), err
}

// findSource is the source that an address names: one that is configured, or
// that ever ran.
func (s *site) findSource(ctx context.Context, reader sourcesReader, name string) (knownSource, error) {
	all, err := s.knownSources(ctx, reader)
	if err != nil {
		return knownSource{}, err
	}
	for _, known := range all {
		if known.Name == name {
			return known, nil
		}
	}
	return knownSource{}, notFound("There is no source “%s”.", echoed(name))
}

func buildSource(in sourceInput) sourcePage {
	source := in.known
	page := sourcePage{
		sourceRow: sourceRowOf(source, in.titles, in.now), Schedule: source.Schedule, Place: source.place(), Layout: source.Layout,
		Columns: source.Columns, NoUpload: source.RecordLevel, Longest: longestWho,
		History: runTable{Rows: runRowsOf(in.runs, in.titles)},
	}
	for _, release := range in.releases {
		page.Releases = append(page.Releases, releaseRowOf(release, in.slices))
	}
	for _, asked := range in.asked {
		page.Asked = append(page.Asked, askedRow{whatIsAsked(asked.Request, in.titles), moment(asked.AskedAt), requestAddress(asked.ID)})
	}
	if len(source.Template) > 0 {
		page.Template = page.Address + "/template.csv"
	}
	if source.LastRun.Outcome == stats.Held {
		page.HeldRun = runAddress(source.LastRun.ID)
	}
	if in.actions && source.configured {
		page.Run, page.Check = page.Address+"/run", page.Address+"/check"
		if !source.RecordLevel {
			page.Upload, page.UploadMax = page.Address+"/upload", megabytes(in.largest)
		}
	}
	page.Undone = undone(in.releases, in.slices)
	page.Title = sourceTitle(page)
	return page
}

func sourceTitle(page sourcePage) string {
	switch {
	case page.Concern != "" && page.LastSuccess != "":
		return fmt.Sprintf("%s: %s, last loaded %s", page.Heading, page.Concern, page.LastSuccess)
	case page.Concern != "":
		return page.Heading + ": " + page.Concern
	case page.LastSuccess == "":
		return page.Heading + ": never loaded"
	}
	title := fmt.Sprintf("%s: last loaded %s", page.Heading, page.LastSuccess)
	if page.Undone != nil {
		title += ", " + page.Undone.Words
	}
	return title
}

// undone is the newest withdrawal, where no release was first published since.
func undone(releases []query.PastRelease, slicesNamed sliceNamer) *withdrawnRow {
	var last query.PastRelease
	for _, release := range releases {
		if release.Withdrawn.At.After(last.Withdrawn.At) {
			last = release
		}
	}
	since := func(r query.PastRelease) bool { return r.PublishedAt.After(last.Withdrawn.At) }
	if last.Withdrawn.Run == "" || slices.ContainsFunc(releases, since) {
		return nil
	}
	row := releaseRowOf(last, slicesNamed)
	return &withdrawnRow{File: last.File, Words: row.Withdrawn, Why: row.Why, By: row.By}
}

func releaseRowOf(release query.PastRelease, slicesNamed sliceNamer) releaseRow {
	row := releaseRow{
		servedRelease: servedRelease{
			File: release.File, Load: shortID(release.ID), Address: runAddress(release.ID),
			Retrieved: moment(release.RetrievedAt), Published: moment(release.PublishedAt),
		},
		Serves: servesText(release),
	}
	if worthNaming(release.Serves) {
		row.Slices = slicesNamed.all(release.Serves)
	}
	if w := release.Withdrawn; w.Run != "" {
		row.Withdrawn = "withdrawn " + moment(w.At)
		if w.Who != "" {
			row.Withdrawn += " by " + w.Who
		}
		row.Why = w.Why
		row.By = link{Text: shortID(w.Run), Address: runAddress(w.Run)}
	}
	return row
}

// worthNaming reports whether the names of slices tell a reader something: a
// few, or a dozen or so years, and not the many of a return that is replaced
// figure by figure.
func worthNaming(names []string) bool {
	spaced := slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, " ") })
	return len(names) > 0 && !slices.Equal(names, []string{stats.SliceAll}) && (len(names) <= 3 || len(names) <= 20 && !spaced)
}

func servesText(release query.PastRelease) string {
	switch serves := len(release.Serves); {
	case serves == 0:
		return "nothing now"
	case serves == len(release.Brought):
		return "all that it brought"
	default:
		return "a part of what it brought"
	}
}

// megabytes is a size as people say it.
func megabytes(bytes int64) string {
	if bytes < 1<<20 {
		return plural(int(bytes), "byte", "bytes")
	}
	return numberText(float64(bytes)/(1<<20), 0) + " MB"
}
