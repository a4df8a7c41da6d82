package dashboard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// runPage is one run of a source with every row it refused.
type runPage struct {
	frame
	runRow
	ID, From, SHA256, Ended string
	Retrieved, Published    string // of the release it made, empty without one
	Refused                 string // what the list of rejections holds
	Rejections              []rejectionRow
}

type rejectionRow struct{ File, Sheet, Row, Column, Value, Reason string }

type runReader interface {
	areasReader
	Run(ctx context.Context, id string) (stats.Run, error)
	Rejections(ctx context.Context, run string) ([]stats.Rejection, error)
	Release(ctx context.Context, id string) (stats.Release, error)
}

func (s *site) run(reader runReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := parameters(r); err != nil {
			return err
		}
		id := r.PathValue("id")
		run, err := reader.Run(r.Context(), id)
		if errors.Is(err, query.ErrNotFound) {
			return notFound("There is no run “%s”.", echoed(id))
		} else if err != nil {
			return err
		}
		release, err := releaseOf(r.Context(), reader, run)
		if err != nil {
			return err
		}
		rejections, err := reader.Rejections(r.Context(), id)
		if err != nil {
			return err
		}
		areas, err := reader.Areas(r.Context(), query.Latest)
		if err != nil {
			return err
		}
		page := buildRun(run, release, rejections, s.titles)
		page.frame = s.frame(r, areas, s.homeArea(areas)).with(page.frame)
		page.Choice = areaChoice{}
		return s.render(w, "run", page)
	}
}

// releaseOf is the release a run made; zero where it made none, or where what
// it made was never published.
func releaseOf(ctx context.Context, reader runReader, run stats.Run) (stats.Release, error) {
	if run.ReleaseID == "" {
		return stats.Release{}, nil
	}
	release, err := reader.Release(ctx, run.ReleaseID)
	if errors.Is(err, query.ErrNotFound) {
		return stats.Release{}, nil
	}
	return release, err
}

func buildRun(run stats.Run, release stats.Release, rejections []stats.Rejection, titles sourceTitles) runPage {
	page := runPage{runRow: runRowOf(run, titles), ID: run.ID, From: withoutFolders(run).From, SHA256: run.SHA256}
	if !run.EndedAt.IsZero() {
		page.Ended = moment(run.EndedAt)
	}
	if !release.RetrievedAt.IsZero() {
		page.Retrieved = moment(release.RetrievedAt)
	}
	if !release.PublishedAt.IsZero() {
		page.Published = moment(release.PublishedAt)
	}
	for _, rejection := range rejections {
		page.Rejections = append(page.Rejections, rejectionRow{
			File: rejection.File, Sheet: rejection.Sheet, Row: rowText(rejection.Row),
			Column: rejection.Column, Value: rejection.Value, Reason: rejection.Reason,
		})
	}
	page.Refused = refused(run, rejections)
	page.Title = fmt.Sprintf("%s, run of %s: %s", page.Source, day(run.StartedAt), run.Outcome)
	if rows := cmp.Or(int(run.Rejected), len(rejections)); rows > 0 {
		page.Title += fmt.Sprintf(", with %s refused", plural(rows, "row", "rows"))
	}
	return page
}

// refused says how much of what was refused is listed: of a file with very many
// faults only the first are kept.
func refused(run stats.Run, rejections []stats.Rejection) string {
	if run.Rejected > uint64(len(rejections)) {
		return fmt.Sprintf("The first %s of %s rows that were refused, and why: more are not kept",
			numberText(float64(len(rejections)), 0), numberText(float64(run.Rejected), 0))
	}
	return "Every row that was refused, and why"
}

// rowText is empty for a fault of the whole file, which has no row.
func rowText(row int) string {
	if row == 0 {
		return ""
	}
	return numberText(float64(row), 0)
}
