package query

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/dashboard/disclosure"
	"stalkstats/internal/stats"
)

// Moment tells what is served from what was served before: the same stamp is
// the same figures.
type Moment struct {
	Stamp uint64
	AsAt  time.Time // when the newest of it was published; zero where nothing ever was
}

// Moment is that of what is served now.
func (r *Reader) Moment(ctx context.Context) (Moment, error) {
	ctx = OneState(ctx)
	s, err := r.state(ctx, Latest)
	if err != nil {
		return Moment{}, err
	}
	newest, err := kept(ctx, r, question{name: "newest.sql"}, Latest, func(ctx context.Context, _ time.Time) (newest time.Time, err error) {
		err = r.each(ctx, "newest.sql", func(rows driver.Rows) error { return rows.Scan(&newest) })
		return newest.UTC(), err
	})
	if newest.Year() <= 1970 {
		newest = time.Time{}
	}
	return Moment{s.stamp["published"], newest}, err
}

// MomentAt is that of what was served at a time. It is the moment that was then
// told of unless something was published since under a time before it.
func (r *Reader) MomentAt(ctx context.Context, at time.Time) (m Moment, err error) {
	err = r.each(ctx, "stamp_at.sql", func(rows driver.Rows) error { return rows.Scan(&m.Stamp, &m.AsAt) }, asAt(at))
	m.AsAt = zeroIfNever(m.AsAt)
	return m, err
}

// A Publication is what was put before the published audience at one moment:
// for each count whether it is shown.
type Publication struct {
	ID     string
	Former string // the publication before it; empty for the first under its rules
	MadeAt time.Time
	Moment
}

// Publications is every publication under some rules, in order. Where two follow
// on the same one, as they could before SavePublication kept only the first, the
// earlier stands and the other counts for nothing.
func (r *Reader) Publications(ctx context.Context, rules disclosure.Rules) ([]Publication, error) {
	following := map[string]Publication{}
	err := r.each(ctx, "publications.sql", func(rows driver.Rows) error {
		var p Publication
		if err := rows.Scan(&p.ID, &p.Former, &p.Stamp, &p.AsAt, &p.MadeAt); err != nil {
			return err
		}
		p.AsAt, p.MadeAt = p.AsAt.UTC(), p.MadeAt.UTC()
		if _, taken := following[p.Former]; !taken {
			following[p.Former] = p
		}
		return nil
	}, rulesParameters(rules)...)
	var chain []Publication
	for p, ok := following[""]; ok; p, ok = following[p.ID] {
		chain = append(chain, p)
	}
	return chain, err
}

func rulesParameters(rules disclosure.Rules) []any {
	return []any{clickhouse.Named("threshold", uint32(rules.Threshold)), clickhouse.Named("rounding", uint32(rules.Rounding)),
		clickhouse.Named("method", uint32(disclosure.Method))}
}

// A PastDecision is one that a publication changed. Gone says that the count
// was no longer served.
type PastDecision struct {
	disclosure.Decision
	Place int // of the publication, from 0
}

// Gone is the reason of a count that a publication no longer has.
const Gone disclosure.Reason = "gone"

// Decisions is what publications changed of a source, in their order.
func (r *Reader) Decisions(ctx context.Context, source string, publications []Publication) ([]PastDecision, error) {
	var all []PastDecision
	err := r.each(ctx, "decisions.sql", func(rows driver.Rows) error {
		var d PastDecision
		var place uint64
		var reason string
		var row uint32
		k := &d.Key
		k.Source = source
		if err := rows.Scan(&place, &k.Basis, &k.Measure, &k.Area, &k.Period.Start, &k.Period.End, &k.Breakdown, &k.BreakdownValue,
			&d.Value, &reason, &d.Origin.File, &d.Origin.Sheet, &row); err != nil {
			return err
		}
		k.Period = stats.Period{Start: day(k.Period.Start), End: day(k.Period.End)}
		d.Place, d.Reason, d.Origin.Row = int(place)-1, disclosure.Reason(reason), int(row)
		all = append(all, d)
		return nil
	}, clickhouse.Named("source", source), clickhouse.Named("publications", idsOf(publications)))
	return all, err
}

// PublishedSources is the sources of which publications decided anything.
func (r *Reader) PublishedSources(ctx context.Context, publications []Publication) ([]string, error) {
	var sources []string
	err := r.each(ctx, "published_sources.sql", func(rows driver.Rows) error {
		var source string
		if err := rows.Scan(&source); err != nil {
			return err
		}
		sources = append(sources, source)
		return nil
	}, clickhouse.Named("publications", idsOf(publications)))
	return sources, err
}

func idsOf(publications []Publication) []string {
	ids := []string{}
	for _, p := range publications {
		ids = append(ids, p.ID)
	}
	return ids
}

// ShownCounts is the counts that the last of a chain of publications shows.
func (r *Reader) ShownCounts(ctx context.Context, chain []Publication) ([]disclosure.Cell, error) {
	var shown []disclosure.Cell
	err := r.each(ctx, "shown.sql", func(rows driver.Rows) error {
		var c disclosure.Cell
		var why string
		k := &c.Key
		if err := rows.Scan(&k.Source, &k.Basis, &k.Measure, &k.Area, &k.Period.Start, &k.Period.End, &k.Breakdown, &k.BreakdownValue,
			&c.Value, &why); err != nil {
			return err
		}
		k.Period = stats.Period{Start: day(k.Period.Start), End: day(k.Period.End)}
		shown = append(shown, c)
		return nil
	}, clickhouse.Named("publications", idsOf(chain)))
	return shown, err
}

// SavePublication keeps what a publication changed, and then the publication,
// which alone makes it count: what a broken write leaves behind is of no
// publication.
//
// Of several that follow on the same one under the same rules, by whichever
// programs, the engine keeps the one that comes first and drops the others without
// an error. Whether this one was kept only Publications tells. Where nothing follows after
// it, the engine remembers one that was lost, as with a broken part: again says how often
// that was seen, and lets one more be kept.
func (r *Reader) SavePublication(ctx context.Context, p Publication, rules disclosure.Rules, changed iter.Seq[disclosure.Decision], again int) error {
	if err := r.saveDecisions(ctx, p.ID, changed); err != nil {
		return fmt.Errorf("keep what is hidden: %w", err)
	}
	if err := r.saveLink(onceAfter(ctx, p.Former, rules, again), p, rules); err != nil {
		return fmt.Errorf("keep the publication: %w", err)
	}
	return nil
}

func (r *Reader) saveDecisions(ctx context.Context, publication string, changed iter.Seq[disclosure.Decision]) error {
	batch, err := r.conn.PrepareBatch(ctx, "INSERT INTO disclosure_decisions (publication_id, source, basis, measure, area_code, period_start, period_end, "+
		"breakdown, breakdown_value, value, reason, file, sheet, source_row)")
	if err != nil {
		return err
	}
	defer batch.Close()
	for d := range changed {
		if err := batch.Append(publication, d.Source, d.Basis, d.Measure, d.Area, d.Period.Start, d.Period.End, d.Breakdown, d.BreakdownValue,
			d.Value, string(d.Reason), d.Origin.File, d.Origin.Sheet, uint32(d.Origin.Row)); err != nil {
			return err
		}
	}
	if batch.Rows() == 0 {
		return nil
	}
	return batch.Send()
}

// onceAfter is a context in which one publication after another is kept.
func onceAfter(ctx context.Context, former string, rules disclosure.Rules, again int) context.Context {
	token := fmt.Sprintf("after %s under %d, %d, %d", former, rules.Threshold, rules.Rounding, disclosure.Method)
	if again > 0 {
		token += fmt.Sprintf(", again %d", again)
	}
	return once(ctx, token)
}

func (r *Reader) saveLink(ctx context.Context, p Publication, rules disclosure.Rules) error {
	row, err := r.conn.PrepareBatch(ctx, "INSERT INTO disclosure_publications (publication_id, former_id, stamp, as_at, made_at, threshold, rounding, method)")
	if err != nil {
		return err
	}
	defer row.Close()
	if err := row.Append(p.ID, p.Former, p.Stamp, p.AsAt.UTC(), p.MadeAt.UTC(), uint32(rules.Threshold), uint32(rules.Rounding), uint32(disclosure.Method)); err != nil {
		return err
	}
	return row.Send()
}
