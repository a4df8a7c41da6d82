package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"stalkstats/dashboard"
	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/published"
	"stalkstats/dashboard/query"
	"stalkstats/internal/clickhouse/clickhousetest"
)

// BenchmarkObservationsCSV writes five million figures as CSV, for both
// audiences, and reports the best rate of rows against the best of the engine's
// own CSV of the same rows in the same run, of which the limit is 40%; how long
// the first bytes take; and the memory above what the process has before.
func BenchmarkObservationsCSV(b *testing.B) {
	tune()
	p := newPipeline(b)
	for _, source := range []string{"areas", "measures"} {
		p.run(b, source, "")
	}
	rows := p.fillFiveMillion(b)
	log := slog.New(slog.DiscardHandler)
	readers := dashboard.Readers{Internal: p.reader,
		Published: published.NewReader(p.reader, published.NewKeeper(p.reader, disclosure.Rules{Threshold: 12, Rounding: 5}, time.Now, log))}
	engine := p.engineCSV(b, rows)
	for _, audience := range []string{dashboard.Internal, dashboard.Published} {
		b.Run(audience, func(b *testing.B) {
			values := url.Values{"audience": {audience}, "source": {clickhousetest.OutcomesSource}}
			warm(b, readers, values)
			debug.FreeOSMemory()
			idle := resident(b)
			stop, peak := make(chan struct{}), make(chan float64)
			go watch(stop, peak)
			best, first := time.Hour, time.Hour
			for b.Loop() {
				out := &firstBytes{start: time.Now()}
				written, err := dashboard.WriteObservations(b.Context(), out, readers, values)
				if err != nil || written != rows {
					b.Fatal(written, err)
				}
				best, first = min(best, time.Since(out.start)), min(first, out.took)
			}
			close(stop)
			b.ReportMetric(float64(rows)/best.Seconds(), "rows/s")
			b.ReportMetric(engine.Seconds()/best.Seconds(), "engine-ratio")
			b.ReportMetric(float64(first.Microseconds())/1000, "first-byte-ms")
			b.ReportMetric((<-peak-idle)/(1<<20), "MB-above-idle")
		})
	}
}

// firstBytes counts nothing but when the first bytes come.
type firstBytes struct {
	start time.Time
	took  time.Duration
}

func (w *firstBytes) Write(p []byte) (int, error) {
	if w.took == 0 {
		w.took = time.Since(w.start)
	}
	return len(p), nil
}

// warm makes the publication, which is worked out once.
func warm(b *testing.B, readers dashboard.Readers, values url.Values) {
	one := url.Values{"measure": {"stalking_charges"}, "area": {"E23000026"}}
	for k, v := range values {
		one[k] = v
	}
	if _, err := dashboard.WriteObservations(b.Context(), io.Discard, readers, one); err != nil {
		b.Fatal(err)
	}
}

func (p pipeline) fillFiveMillion(b *testing.B) (rows int) {
	areas, err := p.reader.Areas(context.Background(), query.Latest)
	if err != nil {
		b.Fatal(err)
	}
	outcomes := clickhousetest.Outcomes{Years: 12, Offences: 54, Editions: 1}
	for _, force := range areas.Forces() {
		outcomes.Forces = append(outcomes.Forces, force.Code)
	}
	if err := outcomes.Fill(context.Background(), p.conn); err != nil {
		b.Fatal(err)
	}
	// The other offences are measures too, else the gate hides them all.
	for offence := range outcomes.Offences {
		err := p.conn.Exec(context.Background(), "INSERT INTO measures SELECT * REPLACE ({id:String} AS measure, 900 + source_row AS source_row) FROM measures WHERE measure = 'stalking_outcomes'",
			clickhouse.Named("id", fmt.Sprintf("offence_%02d_outcomes", offence+1)))
		if err != nil {
			b.Fatal(err)
		}
	}
	var count bytes.Buffer
	values := url.Values{"source": {clickhousetest.OutcomesSource}}
	if rows, err = dashboard.WriteObservations(context.Background(), &discarding{&count}, dashboard.Readers{Internal: p.reader}, values); err != nil || rows < 5_000_000 {
		b.Fatal(rows, err)
	}
	return rows
}

type discarding struct{ *bytes.Buffer }

func (d *discarding) Write(p []byte) (int, error) { return len(p), nil }

// engineCSV is how long the engine takes at best to write the same rows.
func (p pipeline) engineCSV(b *testing.B, rows int) time.Duration {
	best := time.Hour
	for n := range 3 {
		start := time.Now()
		err := p.conn.Exec(context.Background(), "INSERT INTO FUNCTION file({path:String}, 'CSVWithNames') "+
			"SELECT measure, area_code, period_start, period_end, breakdown, breakdown_value, value, value_note, basis, source, release_id, note, file, sheet, source_row "+
			"FROM observations WHERE source = {source:String}",
			clickhouse.Named("path", filepath.Join(b.TempDir(), fmt.Sprintf("engine-%d.csv", n))), clickhouse.Named("source", clickhousetest.OutcomesSource))
		if err != nil {
			b.Fatal(err)
		}
		best = min(best, time.Since(start))
	}
	return best
}
