package load_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/load"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

// TestLeftOutReadsNoMoreThanItMust: of a source with a million figures, what a
// correcting file leaves out is found by the primary key among those of the
// releases that it corrects. The engine is held to a limit of rows.
func TestLeftOutReadsNoMoreThanItMust(t *testing.T) {
	db := clickhousetest.Open(t)
	if _, err := schemas.Apply(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	month := func(m time.Month) stats.Observation {
		return stats.Observation{Key: stats.Key{Measure: "stalking_charges", Area: "E23000026", Source: "s", Period: stats.Month(2024, m)},
			Slice: "E23000026 " + m.String(), Value: stats.Number(5), Origin: stats.Origin{File: "a.csv", Row: 2}}
	}
	write := func(id string, publish bool, months ...time.Month) {
		t.Helper()
		w := load.Begin(db, load.Release{Release: stats.Release{ID: id, Source: "s", RetrievedAt: time.Now()}})
		defer w.Close()
		for _, m := range months {
			if err := w.Append(t.Context(), month(m)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Verify(t.Context()); err != nil {
			t.Fatal(err)
		}
		if publish {
			if _, err := w.Publish(t.Context(), time.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, sql := range []string{
		`INSERT INTO observations (release_id, source, slice, measure, area_code, period_start, period_end, breakdown_value, value, source_row)
			SELECT 'r' || toString(number % 20), 's', 'other', 'stalking_outcomes', 'E23000026', '2020-01-01', '2020-01-31', toString(number), 1, 2 FROM numbers(1000000)`,
		`INSERT INTO published (source, slice, release_id, published_at, run_id) SELECT 's', 'other', 'r' || toString(number), '2024-01-01', '' FROM numbers(20)`,
	} {
		if err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	write("first", true, time.January, time.February, time.March, time.April)
	write("second", false, time.February, time.April)
	limited := func(rows int) (stats.LeftOut, error) {
		ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"max_rows_to_read": rows, "read_overflow_mode": "throw"}))
		return load.LeftOut(ctx, db, "s", "second", 3)
	}
	got, err := limited(10_000)
	if err != nil {
		t.Fatal(err)
	}
	want := stats.LeftOut{Older: 1, Others: 1, First: []stats.Key{month(time.March).Key}, Begins: stats.Month(2024, time.February)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	if _, err := limited(1); err == nil || !strings.Contains(err.Error(), "Limit for rows") {
		t.Errorf("the engine keeps no limit: %v", err)
	}
}
