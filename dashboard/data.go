package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// dataPage is every source and how its last run ended.
type dataPage struct {
	frame
	Sources []sourceRow
	Runs    []runRow
}

// sourceRow is one source: what is served, and its last run.
type sourceRow struct {
	Name, Title string
	Last        *runRow // nil where it never ran
	LastSuccess string
	Served      []servedRelease
	Slices      string
}

type servedRelease struct{ File, Load, Address, Retrieved, Published string }

// runRow is one run of a source.
type runRow struct {
	Name, Source                             string // the short name, and the title
	Address, Outcome, Started, File          string
	Problem                                  string
	Read, Loaded, ExcludedRows, RejectedRows string
	Exclusions                               []string
	Good                                     bool
}

type dataReader interface {
	areasReader
	Sources(ctx context.Context) ([]stats.Freshness, error)
	Runs(ctx context.Context, source string, limit int) ([]stats.Run, error)
}

// recentRuns is how many runs the page lists.
const recentRuns = 50

func (s *site) data(reader dataReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := parameters(r); err != nil {
			return err
		}
		areas, err := reader.Areas(r.Context(), query.Latest)
		if err != nil {
			return err
		}
		sources, err := reader.Sources(r.Context())
		if err != nil {
			return err
		}
		runs, err := reader.Runs(r.Context(), "", recentRuns)
		if err != nil {
			return err
		}
		page := buildData(sources, runs, s.titles)
		page.frame = s.frame(r, areas, s.homeArea(areas)).with(page.frame)
		page.Choice = areaChoice{}
		return s.render(w, "data", page)
	}
}

func buildData(sources []stats.Freshness, runs []stats.Run, titles sourceTitles) dataPage {
	var page dataPage
	for _, source := range sources {
		page.Sources = append(page.Sources, sourceRowOf(source, titles))
	}
	for _, run := range runs {
		page.Runs = append(page.Runs, runRowOf(run, titles))
	}
	page.Title = dataTitle(sources, titles)
	return page
}

func dataTitle(sources []stats.Freshness, titles sourceTitles) string {
	var bad []string
	for _, source := range sources {
		if _, ok := outcomeWords[source.LastRun.Outcome]; ok {
			bad = append(bad, titles.of(source.Source))
		}
	}
	switch {
	case len(sources) == 0:
		return "No source has been loaded yet"
	case len(bad) == 0:
		return fmt.Sprintf("The last run of %s succeeded", plural(len(sources), "source", "sources"))
	}
	return "The last run did not succeed of " + listed(bad)
}

func sourceRowOf(source stats.Freshness, titles sourceTitles) sourceRow {
	row := sourceRow{Name: source.Source, Title: titles.heading(source.Source), Slices: plural(int(source.Slices), "slice", "slices")}
	if !source.LastSuccess.IsZero() {
		row.LastSuccess = moment(source.LastSuccess)
	}
	if source.LastRun.ID != "" {
		last := runRowOf(source.LastRun, titles)
		row.Last = &last
	}
	for _, release := range source.Served {
		row.Served = append(row.Served, servedRelease{
			File: release.File, Load: shortID(release.ID), Address: "/data/runs/" + url.PathEscape(release.ID),
			Retrieved: release.RetrievedAt.Format(shortDay), Published: release.PublishedAt.Format(shortDay),
		})
	}
	return row
}

// withoutFolders is a run as pages tell of it: a file by its name alone. Where
// it lies on the server is nobody's business.
func withoutFolders(run stats.Run) stats.Run {
	folder := filepath.Dir(run.From)
	if run.From != "" {
		run.From = filepath.Base(run.From)
	}
	if len(folder) > 1 {
		run.Problem = strings.ReplaceAll(run.Problem, folder+"/", "")
		run.Problem = strings.ReplaceAll(run.Problem, folder, filepath.Base(folder))
	}
	return run
}

// successes are the outcomes that need nobody's attention.
var successes = []stats.Outcome{stats.Published, stats.Unchanged, stats.Running, stats.Skipped}

func runRowOf(run stats.Run, titles sourceTitles) runRow {
	run = withoutFolders(run)
	count := func(n uint64) string { return numberText(float64(n), 0) }
	row := runRow{
		Name: run.Source, Source: titles.heading(run.Source), Address: "/data/runs/" + url.PathEscape(run.ID), Outcome: string(run.Outcome),
		Started: moment(run.StartedAt), File: run.File, Problem: run.Problem,
		Read: count(run.Read), Loaded: count(run.Loaded), ExcludedRows: count(run.Excluded), RejectedRows: count(run.Rejected),
		Good: slices.Contains(successes, run.Outcome),
	}
	for _, exclusion := range run.Exclusions {
		row.Exclusions = append(row.Exclusions, count(exclusion.Rows)+": "+exclusion.Reason)
	}
	return row
}
