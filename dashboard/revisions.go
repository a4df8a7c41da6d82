package dashboard

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// revisionsPage is the revision log: which figures that were served have been
// changed or taken away since.
type revisionsPage struct {
	frame
	Filters  revisionForm
	Says     string // what the log covers, in a sentence or two
	Runs     []revisedRun
	More     string // how many revisions are only in the CSV; empty where all are here
	Metadata string
}

// revisionForm is the form by which a reader narrows the log.
type revisionForm struct {
	Since                    string
	Sources, Measures, Areas []option
}

// revisedRun is what one run changed, as far as the page lists it.
type revisedRun struct {
	ID, When, Source, Address, Kind string
	Demonstration                   bool
	Rows                            []revisedRow
}

// revisedRow is one figure, what it was and what it is.
type revisedRow struct {
	Measure, Of, Area, Period string // Of is the basis and the breakdown
	Difference                string
	Was, Now                  link   // with what was revised of the figure, where it is there
	WasFrom, NowFrom          string // file, sheet and row
	Demonstration             bool
}

type revisionsReader interface {
	areasReader
	Measures(ctx context.Context, asAt time.Time) (*stats.Measures, error)
	Sources(ctx context.Context) ([]stats.Freshness, error)
	Revisions(ctx context.Context, f query.RevisionFilter) iter.Seq2[stats.PublishedRevision, error]
	CountRevisions(ctx context.Context, f query.RevisionFilter) (query.RevisionCounts, error)
	LargestRevisions(ctx context.Context, f query.RevisionFilter, most int) (query.LargestRevisions, error)
}

// revisionsListed is how many revisions the page lists; the CSV has all.
const revisionsListed = 200

func (s *site) revisions(reader revisionsReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := s.readRevisionRequest(r, reader)
		if err != nil {
			return err
		}
		counts, err := reader.CountRevisions(r.Context(), q.filter())
		if err != nil {
			return err
		}
		var listed []stats.PublishedRevision
		for revision, err := range reader.Revisions(r.Context(), q.filter()) {
			if err != nil {
				return err
			}
			if listed = append(listed, revision); len(listed) == revisionsListed {
				break
			}
		}
		page := buildRevisions(q, counts, listed, s.titles)
		page.frame = s.frame(r, q.areas, s.homeArea(q.areas)).with(page.frame)
		page.Choice = areaChoice{}
		return s.render(w, "revisions", page)
	}
}

func buildRevisions(q revisionRequest, counts query.RevisionCounts, revisions []stats.PublishedRevision, titles sourceTitles) revisionsPage {
	page := revisionsPage{Filters: q.form(titles), Says: revisionsCover(q, counts, titles), Metadata: revisionsAddress(".csv-metadata.json", q.given)}
	page.Title = revisionsTitle(q, counts)
	page.CSV = revisionsAddress(".csv", q.given)
	for _, revision := range revisions {
		last := len(page.Runs) - 1
		if last < 0 || page.Runs[last].ID != revision.Run || page.Runs[last].Source != titles.heading(revision.Source) {
			page.Runs = append(page.Runs, revisedRunOf(revision, titles))
			last++
		}
		run := &page.Runs[last]
		run.Rows = append(run.Rows, revisedRowOf(revision, q))
		run.Demonstration = run.Demonstration || revision.Demonstration
		page.Demonstration = page.Demonstration || revision.Demonstration
	}
	if all := int(counts.Changed + counts.Gone); all > len(revisions) {
		page.More = fmt.Sprintf("The newest %s are listed here; %s in the CSV.",
			numberText(float64(len(revisions)), 0), plural(all-len(revisions), "more is", "more are"))
	}
	return page
}

// revisionsAddress is where the log stands with the filters that were given.
func revisionsAddress(ending string, given url.Values) string {
	address := url.URL{Path: "/data/revisions" + ending, RawQuery: given.Encode()}
	return address.String()
}

// revisionsTitle is the finding: how many figures were revised, of what and
// since when.
func revisionsTitle(q revisionRequest, counts query.RevisionCounts) string {
	var title, of string
	if q.area.Code != "" {
		of = " of " + q.area.Name
	}
	switch {
	case counts.Changed > 0 && counts.Gone > 0:
		title = fmt.Sprintf("%s revised and %s taken away", wereFigures(counts.Changed, of), numberText(float64(counts.Gone), 0))
	case counts.Changed > 0:
		title = wereFigures(counts.Changed, of) + " revised"
	case counts.Gone > 0:
		title = wereFigures(counts.Gone, of) + " taken away"
	case q.since.IsZero():
		title = "No figure" + of + " has been revised yet"
	default:
		title = "No figure" + of + " was revised"
	}
	if !q.since.IsZero() {
		title += " since " + day(q.since)
	}
	return title
}

// wereFigures is a count of figures of something: " of Bedfordshire", or of all.
func wereFigures(n uint64, of string) string {
	return plural(int(n), "figure"+of+" was", "figures"+of+" were")
}

// revisionsCover says what the log covers, and what came new meanwhile.
func revisionsCover(q revisionRequest, counts query.RevisionCounts, titles sourceTitles) string {
	of := "all sources"
	if q.source != "" {
		of = titles.of(q.source)
	}
	says := "Figures of " + of + " that were served and have been changed or taken away"
	if counts.New > 0 {
		says += fmt.Sprintf("; %s not listed", plural(int(counts.New), "figure that came new is", "figures that came new are"))
	}
	says += "."
	if len(q.counts) > 0 && (len(q.counts) > 1 || q.counts[0] != q.measure) {
		var names []string
		for _, id := range q.counts {
			names = append(names, nounOfCount(q.measures, id))
		}
		says += fmt.Sprintf(" This measure is worked out from %s: what is listed is revisions of those.", listed(names))
	}
	if q.area.Kind == stats.Country {
		says += " It is the sum of its forces: what is listed is revisions of theirs."
	}
	return says
}

func revisedRunOf(r stats.PublishedRevision, titles sourceTitles) revisedRun {
	run := revisedRun{ID: r.Run, When: moment(r.PublishedAt), Source: titles.heading(r.Source), Address: "/data/runs/" + url.PathEscape(r.Run)}
	if r.Kind == stats.Withdrawal {
		run.Kind = "A withdrawal: a former release was brought back."
	}
	return run
}

func revisedRowOf(r stats.PublishedRevision, q revisionRequest) revisedRow {
	measure, ok := q.measures.Of(r.Measure, r.Basis)
	if !ok {
		measure.Name = spaced(r.Measure)
	}
	area, ok := q.areas.ByCode(r.Area)
	if !ok {
		area.Name = r.Area
	}
	row := revisedRow{
		Measure: measure.Name, Area: area.Name, Period: r.Period.Label(), Of: r.Basis,
		Was: link{Text: revisedValue(r.Former)}, WasFrom: placeText(r.FormerOrigin, []int{r.FormerOrigin.Row}),
		Now: link{Text: "gone"}, Difference: "–", Demonstration: r.Demonstration,
	}
	if r.Breakdown != "" {
		row.Of = joined(row.Of, r.Breakdown+": "+r.BreakdownValue)
	}
	if r.Change == stats.ChangedFigure {
		row.Was.Address = figurePath("/figure", r.Key) + "#revised"
		row.Now, row.NowFrom = link{Text: revisedValue(r.Now), Address: row.Was.Address}, placeText(r.Origin, []int{r.Origin.Row})
	}
	if d := r.Difference(); d.Known {
		row.Difference = differenceText(d.Number)
	}
	return row
}

// revisedValue is a figure with what stands beside it, whole: two that differ
// must not look alike.
func revisedValue(v stats.Value) string {
	if !v.Known {
		return v.Markers.Meanings()
	}
	text := exactText(v.Number)
	if v.Markers != "" {
		text += " (" + v.Markers.Meanings() + ")"
	}
	return text
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + ", " + b
}

// differenceText always has its sign; where only markers differ there is none.
func differenceText(n float64) string {
	switch {
	case n > 0:
		return "+" + exactText(n)
	case n == 0:
		return "none"
	}
	return exactText(n)
}
