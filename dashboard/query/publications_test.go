package query

import (
	"slices"
	"testing"
	"time"

	"stalkstats/dashboard/disclosure"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

// TestPublicationsChain: of two publications that follow on the same one that which
// was saved first stands, whenever they say that they were made; other rules are
// another chain, and what was decided comes back.
func TestPublicationsChain(t *testing.T) {
	db := clickhousetest.Open(t)
	if _, err := schemas.Apply(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	reader := New(db)
	rules, others := disclosure.Rules{Threshold: 5, Rounding: 5}, disclosure.Rules{Threshold: 10, Rounding: 5}
	count := func(month time.Month, value float64, why disclosure.Reason) disclosure.Decision {
		return disclosure.Decision{Reason: why, Cell: disclosure.Cell{Value: value, Origin: stats.Origin{File: "a.csv", Row: int(month)},
			Key: stats.Key{Measure: "m", Area: "E23000026", Source: "s", Basis: "b", Period: stats.Month(2024, month), Breakdown: "sex", BreakdownValue: "male"}}}
	}
	save := func(id, former string, minute int, rules disclosure.Rules, decisions ...disclosure.Decision) {
		t.Helper()
		p := Publication{ID: id, Former: former, MadeAt: time.Date(2024, 5, 1, 12, minute, 0, 0, time.UTC), Moment: Moment{Stamp: uint64(minute), AsAt: time.Date(2024, 5, 1, 11, minute, 0, 0, time.UTC)}}
		if err := reader.SavePublication(t.Context(), p, rules, slices.Values(decisions), 0); err != nil {
			t.Fatal(err)
		}
	}
	save("first", "", 1, rules, count(1, 3, disclosure.Primary), count(2, 30, disclosure.Shown), count(3, 40, disclosure.Shown))
	save("second", "first", 3, rules, count(2, 31, disclosure.Secondary), count(3, 40, Gone))
	save("too late", "first", 2, rules, count(2, 99, disclosure.Shown))
	save("third", "second", 4, rules)
	save("other", "", 5, others)

	chain, err := reader.Publications(t.Context(), rules)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, p := range chain {
		ids = append(ids, p.ID)
	}
	if !slices.Equal(ids, []string{"first", "second", "third"}) || chain[1].Stamp != 3 || chain[1].AsAt.Minute() != 3 {
		t.Errorf("the chain is %+v", chain)
	}
	if apart, err := reader.Publications(t.Context(), others); err != nil || len(apart) != 1 || apart[0].ID != "other" {
		t.Errorf("under other rules: %+v, %v", apart, err)
	}
	past, err := reader.Decisions(t.Context(), "s", chain)
	if err != nil || len(past) != 5 {
		t.Fatalf("%d decisions, %v", len(past), err)
	}
	if past[0].Decision != count(1, 3, disclosure.Primary) || past[0].Place != 0 || past[4].Place != 1 || past[4].Reason != Gone {
		t.Errorf("decisions %+v", past)
	}
	for n, want := range map[int][]float64{1: {30, 40}, 3: nil} {
		shown, err := reader.ShownCounts(t.Context(), chain[:n])
		if err != nil {
			t.Fatal(err)
		}
		var values []float64
		for _, c := range shown {
			values = append(values, c.Value)
		}
		slices.Sort(values)
		if !slices.Equal(values, want) {
			t.Errorf("after %d publications %v are shown, want %v", n, values, want)
		}
	}
	if sources, err := reader.PublishedSources(t.Context(), chain); err != nil || !slices.Equal(sources, []string{"s"}) {
		t.Errorf("sources %v, %v", sources, err)
	}
}

// TestAPublicationThatWasTakenOut: one whose row could not be written whole is taken out
// by the engine, and then the next one can follow on the same former one.
func TestAPublicationThatWasTakenOut(t *testing.T) {
	db := clickhousetest.Open(t)
	if _, err := schemas.Apply(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	reader, rules := New(db), disclosure.Rules{Threshold: 5, Rounding: 5}
	none := slices.Values([]disclosure.Decision(nil))
	if err := reader.SavePublication(t.Context(), Publication{ID: "torn"}, rules, none, 0); err != nil {
		t.Fatal(err)
	}
	var part string
	if err := db.QueryRow(t.Context(), "SELECT name FROM system.parts WHERE database = currentDatabase() AND table = 'disclosure_publications' AND active").Scan(&part); err != nil {
		t.Fatal(err)
	}
	if err := db.Exec(t.Context(), "ALTER TABLE disclosure_publications DROP PART '"+part+"'"); err != nil {
		t.Fatal(err)
	}
	if err := reader.SavePublication(t.Context(), Publication{ID: "whole"}, rules, none, 0); err != nil {
		t.Fatal(err)
	}
	if chain, err := reader.Publications(t.Context(), rules); err != nil || len(chain) != 1 || chain[0].ID != "whole" {
		t.Errorf("the chain is %+v, error %v", chain, err)
	}
}
