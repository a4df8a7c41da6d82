package dashboard

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// dataPage is every source and how its last run ended.
type dataPage struct {
	frame
	Sources []sourceRow
	Runs    runTable
	Backups block[backupBlock]
	// HeldBackFailed is said where it could not be read what the public is not shown.
	HeldBackFailed string
}

// sourceRow is one source: how it stands, what is served, and its last run.
type sourceRow struct {
	Name, Heading, Address string
	Concern                string // why it needs somebody; empty where it does not
	Age                    string // of the newest file that serves, and how old it may be
	LastSuccess            string
	Next                   string
	Last                   *runRow // nil where it never ran
	Served                 []servedRelease
	MoreServed             int    // releases that serve it beside those listed
	HeldBack               string // the measures of which the public is not shown some figures
	Left                   bool   // it is no longer in the configuration
}

type servedRelease struct{ File, Load, Address, Retrieved, Published string }

// mostServed is how many of the releases that serve a source are listed.
const mostServed = 2

type dataReader interface {
	measuresNamer
	sourcesReader
	backupReader
	heldBackReader
	Runs(ctx context.Context, source string, limit int) ([]stats.Run, error)
}

// recentRuns is how many runs a page lists.
const recentRuns = 50

func (s *site) data(reader dataReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := parameters(r); err != nil {
			return err
		}
		sources, err := s.knownSources(r.Context(), reader)
		if err != nil {
			return err
		}
		runs, err := reader.Runs(r.Context(), "", recentRuns)
		if err != nil {
			return err
		}
		page := buildData(sources, runs, s.titles, s.now())
		held := s.heldBack(r, reader, func() (sliceNamer, error) { return namerOf(r.Context(), reader) })
		for i := range page.Sources {
			page.Sources[i].HeldBack = measuresHeldBack(heldBackOf(held.Shows, page.Sources[i].Name))
		}
		page.HeldBackFailed = held.Failed
		page.Backups = guarded(s, r, "how the backups stand", func() (backupBlock, error) { return s.backups(r.Context(), reader) })
		if page.frame, err = s.plainFrame(r, reader, page.frame); err != nil {
			return err
		}
		return s.render(w, "data", page)
	}
}

// plainFrame is the frame of a page that is about no area.
func (s *site) plainFrame(r *http.Request, reader areasReader, own frame) (frame, error) {
	areas, err := reader.Areas(r.Context(), query.Latest)
	if err != nil {
		return own, err
	}
	f := s.frame(r, areas, s.homeArea(areas)).with(own)
	f.Choice = areaChoice{}
	return f, nil
}

func buildData(sources []knownSource, runs []stats.Run, titles sourceTitles, now time.Time) dataPage {
	slices.SortStableFunc(sources, func(a, b knownSource) int {
		first, _ := a.concern(now)
		second, _ := b.concern(now)
		return cmp.Compare(first, second)
	})
	page := dataPage{Runs: runTable{runRowsOf(runs, titles), true}}
	for _, source := range sources {
		page.Sources = append(page.Sources, sourceRowOf(source, titles, now))
	}
	page.Title = dataTitle(sources, titles, now)
	return page
}

// mostNamed is how many sources a title names.
const mostNamed = 3

// dataTitle says which sources need somebody. They come most urgent first.
func dataTitle(sources []knownSource, titles sourceTitles, now time.Time) string {
	var bad []string
	ran := 0
	for _, source := range sources {
		if _, words := source.concern(now); words != "" {
			bad = append(bad, titles.of(source.Name)+" ("+words+")")
		}
		if source.LastRun.ID != "" {
			ran++
		}
	}
	switch {
	case ran == 0:
		return "No source has been loaded yet"
	case len(bad) == 0 && ran == 1:
		return "The one source that has been loaded needs nobody’s attention"
	case len(bad) == 0:
		return fmt.Sprintf("None of the %d sources needs attention", len(sources))
	}
	title := plural(len(bad), "source needs", "sources need") + " attention: "
	if more := len(bad) - mostNamed; more > 0 {
		bad = append(bad[:mostNamed], plural(more, "other", "others"))
	}
	return title + listed(bad)
}

func sourceRowOf(source knownSource, titles sourceTitles, now time.Time) sourceRow {
	row := sourceRow{
		Name: source.Name, Heading: titles.heading(source.Name), Address: sourceAddress(source.Name),
		Age: source.age(now), Next: source.next(now), Left: !source.configured,
	}
	_, row.Concern = source.concern(now)
	if !source.LastSuccess.IsZero() {
		row.LastSuccess = moment(source.LastSuccess)
	}
	if source.LastRun.ID != "" {
		last := runRowOf(source.LastRun, titles)
		row.Last = &last
	}
	row.MoreServed = max(0, len(source.Served)-mostServed)
	for _, release := range source.Served[:len(source.Served)-row.MoreServed] {
		row.Served = append(row.Served, servedRelease{
			File: release.File, Load: shortID(release.ID), Address: runAddress(release.ID),
			Retrieved: release.RetrievedAt.Format(shortDay), Published: release.PublishedAt.Format(shortDay),
		})
	}
	return row
}

// runAddress is the page of one run; a release has the id of the run that made it.
func runAddress(id string) string { return "/data/runs/" + url.PathEscape(id) }

// withoutFolders is a run as pages tell of it: a file by its name alone. Where
// it lies on the server is nobody's business.
func withoutFolders(run stats.Run) stats.Run {
	folder := filepath.Dir(run.From)
	if run.From != "" {
		run.From = filepath.Base(run.From)
	}
	if len(folder) < 2 {
		return run
	}
	hide := strings.NewReplacer(folder+"/", "", folder, filepath.Base(folder)).Replace
	run.Problem = hide(run.Problem)
	run.Checks, run.Log = slices.Clone(run.Checks), slices.Clone(run.Log)
	for i := range run.Checks {
		run.Checks[i].Says = hide(run.Checks[i].Says)
	}
	for i := range run.Log {
		run.Log[i].Says = hide(run.Log[i].Says)
	}
	return run
}
