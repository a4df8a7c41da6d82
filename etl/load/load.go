// Package load takes one release into ClickHouse, all or nothing: its rows
// are written where no reader sees them, counted, and then made visible by
// one insert of one block.
package load

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// Conn is an open ClickHouse, as the driver gives it.
type Conn = driver.Conn

// blockRows is how many rows are sent at a time: few enough to hold in
// memory, enough to make a load of a few large parts.
const blockRows = 100_000

// A Release is what is loaded: the release and the fingerprint that tells
// whether the same file was loaded the same way before.
type Release struct {
	stats.Release
	Fingerprint string
}

// A Writer takes the rows of one release. It is for one goroutine.
type Writer struct {
	conn    driver.Conn
	release Release
	batches map[string]driver.Batch
	sent    map[string]map[string]*tally // by table, by measure (empty elsewhere)
	last    counted
	slices  map[string]bool

	// Figures are sent by a goroutine while the next are taken.
	filling, sending *figures
	done             chan error // told of the end of sending
}

// tally is what verification compares.
type tally struct {
	Rows uint64
	Sum  float64
}

// Begin starts a release. Nothing may stand under its id yet.
func Begin(conn driver.Conn, release Release) *Writer {
	return &Writer{conn: conn, release: release, batches: map[string]driver.Batch{}, sent: map[string]map[string]*tally{}, slices: map[string]bool{}}
}

// Append takes one row: a stats.Observation, Recommendation, Progress, Area,
// Measure or Break.
func (w *Writer) Append(ctx context.Context, row any) error {
	if o, ok := row.(stats.Observation); ok {
		return w.observe(ctx, o)
	}
	r, err := w.row(row)
	if err != nil {
		return err
	}
	batch, err := w.batch(ctx, r.table)
	if err != nil {
		return err
	}
	if err := batch.Append(r.values...); err != nil {
		return fmt.Errorf("add a row to %s: %w", r.table.name, err)
	}
	w.count(r.table.name, "", r.slice, 0)
	if batch.Rows() >= blockRows {
		return w.send(r.table.name)
	}
	return nil
}

func (w *Writer) batch(ctx context.Context, t table) (driver.Batch, error) {
	if batch, ok := w.batches[t.name]; ok {
		return batch, nil
	}
	batch, err := w.conn.PrepareBatch(ctx, t.insert)
	if err != nil {
		return nil, fmt.Errorf("begin to write %s: %w", t.name, err)
	}
	w.batches[t.name] = batch
	return batch, nil
}

func (w *Writer) send(table string) error {
	batch := w.batches[table]
	delete(w.batches, table)
	defer batch.Close()
	if err := batch.Send(); err != nil {
		return fmt.Errorf("write %s: %w", table, err)
	}
	return nil
}

// HasFigures reports whether any row was a figure.
func (w *Writer) HasFigures() bool { return len(w.sent[observations.name]) > 0 }

// Close frees what a load that did not get to Publish still holds. When it
// comes back nothing is under way any more: what was written can be removed.
func (w *Writer) Close() {
	_, _ = w.await() // whoever closes early has an error of their own
	w.filling = nil
	for _, batch := range w.batches {
		batch.Close()
	}
	w.batches = nil
}

// Verify sends what is left and makes sure that ClickHouse holds under this
// release's id what was sent: the rows of every table, and their number and
// sum by measure. Counts are whole numbers far below 2^53, so sums are exact.
func (w *Writer) Verify(ctx context.Context) error {
	if err := w.flushFigures(ctx); err != nil {
		return err
	}
	for _, t := range tables {
		if _, ok := w.batches[t.name]; ok {
			if err := w.send(t.name); err != nil {
				return err
			}
		}
	}
	for _, t := range tables {
		found, err := w.found(ctx, t)
		if err != nil {
			return err
		}
		if err := compare(t.name, w.tallies(t.name), found); err != nil {
			return err
		}
	}
	return nil
}

func compare(table string, sent, found map[string]tally) error {
	for group, want := range sent {
		if got := found[group]; got != want {
			return fmt.Errorf("%s %s: %d rows with the sum %v were sent and %d with the sum %v are there: nothing was published; run again", table, group, want.Rows, want.Sum, got.Rows, got.Sum)
		}
	}
	if len(found) > len(sent) {
		return fmt.Errorf("%s: rows are there that were not sent: nothing was published; run again", table)
	}
	return nil
}

func (w *Writer) found(ctx context.Context, t table) (map[string]tally, error) {
	rows, err := w.conn.Query(ctx, t.verify, clickhouse.Named("release", w.release.ID))
	if err != nil {
		return nil, fmt.Errorf("count what was written to %s: %w", t.name, err)
	}
	defer rows.Close()
	found := map[string]tally{}
	for rows.Next() {
		var group string
		var c tally
		if err := rows.Scan(&group, &c.Rows, &c.Sum); err != nil {
			return nil, fmt.Errorf("count what was written to %s: %w", t.name, err)
		}
		found[group] = c
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count what was written to %s: %w", t.name, err)
	}
	return found, nil
}

// Slices is what the release replaces, in order.
func (w *Writer) Slices() []string {
	var all []string
	for slice := range w.slices {
		all = append(all, slice)
	}
	slices.Sort(all)
	return all
}

// Publish records the release and makes it visible. The one insert into
// published is the moment: before it readers see the former release, after it
// this one, and nothing in between.
func (w *Writer) Publish(ctx context.Context, now time.Time) (publishedAt time.Time, err error) {
	if err := w.record(ctx, now); err != nil {
		return time.Time{}, err
	}
	var serves []serving
	for _, slice := range w.Slices() {
		serves = append(serves, serving{slice, w.release.ID})
	}
	return publish(ctx, w.conn, w.release.Source, w.release.ID, serves, now)
}

func (w *Writer) record(ctx context.Context, now time.Time) error {
	batch, err := w.conn.PrepareBatch(ctx, "INSERT INTO releases (release_id, source, fingerprint, sha256, file, fetched_from, retrieved_at, created_at)")
	if err != nil {
		return fmt.Errorf("record the release: %w", err)
	}
	defer batch.Close()
	r := w.release
	if err := batch.Append(r.ID, r.Source, r.Fingerprint, r.SHA256, r.File, r.From, r.RetrievedAt, now); err != nil {
		return fmt.Errorf("record the release: %w", err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("record the release: %w", err)
	}
	return nil
}

// serving is the release that serves a slice from now on; empty: none does.
type serving struct{ slice, release string }

func publish(ctx context.Context, conn driver.Conn, source, run string, serves []serving, now time.Time) (time.Time, error) {
	at, err := after(ctx, conn, source, now)
	if err != nil {
		return time.Time{}, err
	}
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO published (source, slice, release_id, published_at, run_id)")
	if err != nil {
		return time.Time{}, fmt.Errorf("publish the release: %w", err)
	}
	defer batch.Close()
	for _, s := range serves {
		if err := batch.Append(source, s.slice, s.release, at, run); err != nil {
			return time.Time{}, fmt.Errorf("publish the release: %w", err)
		}
	}
	if err := batch.Send(); err != nil {
		return time.Time{}, fmt.Errorf("publish the release: %w", err)
	}
	return at, nil
}

// after is now, or the moment after the source's last publication where the
// clock has gone back: the newest publication must be the last one made.
func after(ctx context.Context, conn driver.Conn, source string, now time.Time) (time.Time, error) {
	var last time.Time
	row := conn.QueryRow(ctx, "SELECT max(published_at) FROM published WHERE source = {source:String}", clickhouse.Named("source", source))
	if err := row.Scan(&last); err != nil {
		return time.Time{}, fmt.Errorf("look up the last publication: %w", err)
	}
	return later(now, last), nil
}

// later is now, or the moment after the last one, to the microsecond that
// ClickHouse keeps.
func later(now, last time.Time) time.Time {
	now = now.UTC().Truncate(time.Microsecond)
	if now.After(last) {
		return now
	}
	return last.UTC().Add(time.Microsecond)
}
