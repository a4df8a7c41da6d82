package query_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// TestRatePeriods counts the forces that have both counts of a rate: a marker
// is no count, and British Transport Police is no territorial force.
func TestRatePeriods(t *testing.T) {
	w := newWorld(t)
	w.observe(t, "r1", "one", "A|charges|1", "A|outcomes|10", "B|charges|2", "B|outcomes|20", "C|charges||x", "C|outcomes|30", "D|outcomes|40", "BTP|charges|1", "BTP|outcomes|9")
	w.exec(t, "INSERT INTO observations SELECT release_id, source, slice, measure, area_code, 'closed', period_start, period_end, breakdown, breakdown_value, value, value_note, note, file, sheet, source_row FROM observations WHERE area_code = 'A'")
	w.exec(t, "INSERT INTO observations SELECT release_id, source, slice, measure, area_code, basis, toDate('2024-04-01'), toDate('2024-04-30'), breakdown, breakdown_value, value, value_note, note, file, sheet, source_row FROM observations WHERE area_code = 'B'")
	w.exec(t, "INSERT INTO observations SELECT release_id, source, slice, measure, 'C', basis, period_start, period_end, 'kind', 'x', 1, '', note, file, sheet, source_row FROM observations WHERE area_code = 'B' AND period_start = '2024-03-01'")
	ask := func(at time.Time) (all []string) {
		t.Helper()
		found, err := w.reader.RatePeriods(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range found {
			all = append(all, fmt.Sprintf("%s of %s in %s, %s: %d", p.Measure, p.Basis, p.Source, p.Period.Label(), p.Forces))
		}
		return all
	}
	if got := ask(query.Latest); got != nil {
		t.Errorf("nothing is published: %q", got)
	}
	w.release(t, "r1", "s", second, "one")
	want := []string{"rate of outcomes in s, Apr 2024: 1", "rate of outcomes in s, Mar 2024: 2", "rate of outcomes, closed in s, Mar 2024: 1"}
	if diff := cmp.Diff(want, ask(query.Latest)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := ask(first); got != nil {
		t.Errorf("before it was published: %q", got)
	}
}

// TestRatePeriodsOverAStock: a population of the financial year in which a period
// ends is below the line, whatever source the count has; another year's is not.
func TestRatePeriodsOverAStock(t *testing.T) {
	w := newWorld(t)
	w.exec(t, "INSERT INTO measures (release_id, source, slice, measure, measure_name, numerator, denominator, denominator_source, per, interval_method, source_row) VALUES "+
		"('r0','measures','all','people','People','','','',0,'',5), ('r0','measures','all','by_people','By people','charges','people','census',1000,'byar',6)")
	w.observe(t, "r1", "one", "A|charges|1", "B|charges|2", "C|charges|3", "D|charges|4")
	w.release(t, "r1", "s", second, "one")
	for _, row := range []string{"'A','2023-06-30',100,''", "'B','2024-06-30',100,''", "'C','2023-06-30',NULL,'x'", "'D','2023-04-01',100,''"} {
		w.exec(t, "INSERT INTO observations (release_id, source, slice, measure, area_code, period_end, period_start, value, value_note) SELECT 'p1','census','all','people', t.1, toDate(t.2), toDate(t.2), t.3, t.4 FROM (SELECT tuple("+row+") AS t)")
	}
	w.release(t, "p1", "census", second, "all")
	found, err := w.reader.RatePeriods(t.Context(), query.Latest)
	if err != nil {
		t.Fatal(err)
	}
	var figures []string
	for figure, err := range w.reader.Figures(t.Context(), query.Filter{Measures: []string{"by_people"}, Areas: []string{"A", "B", "C", "D"}}) {
		if err != nil {
			t.Fatal(err)
		}
		if figure.Value.Known {
			figures = append(figures, figure.Area)
		}
	}
	if len(found) != 1 || found[0].Measure != "by_people" || found[0].Source != "s" || found[0].Forces != 2 || strings.Join(figures, "") != "AD" {
		t.Errorf("%+v, and figures of %q; want both of A and D", found, figures)
	}
}

// TestSimilar finds the group that held on a day: the newest from that day or
// before it, whole, and only what is served.
func TestSimilar(t *testing.T) {
	w := newWorld(t)
	row := func(release, area, similar, from string, n int) string {
		return fmt.Sprintf("('%s','groups','all','%s','%s','%s','a list','g.csv','',%d)", release, area, similar, from, n)
	}
	w.exec(t, "INSERT INTO most_similar_groups VALUES "+strings.Join([]string{
		row("g1", "A", "B", "2020-04-01", 2), row("g1", "A", "C", "2020-04-01", 3), row("g1", "A", "D", "2023-04-01", 4), row("g1", "B", "A", "2020-04-01", 5),
		row("g2", "A", "BTP", "2021-01-01", 2),
	}, ","))
	ask := func(area string, on time.Time) string {
		t.Helper()
		group, err := w.reader.Similar(t.Context(), area, on, query.Latest)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, s := range group {
			all = append(all, fmt.Sprintf("%s from %s (%s, %s:%d)", s.Similar, s.From.Format(time.DateOnly), s.Source, s.Origin.File, s.Origin.Row))
		}
		return strings.Join(all, "; ")
	}
	if got := ask("A", stats.Day(2024, 1, 1)); got != "" {
		t.Errorf("nothing is published: %q", got)
	}
	w.release(t, "g1", "groups", first, "all")
	for _, tt := range []struct {
		area string
		on   time.Time
		want string
	}{
		{"A", stats.Day(2020, 3, 31), ""},
		{"A", stats.Day(2020, 4, 1), "B from 2020-04-01 (a list, g.csv:2); C from 2020-04-01 (a list, g.csv:3)"},
		{"A", stats.Day(2023, 3, 31), "B from 2020-04-01 (a list, g.csv:2); C from 2020-04-01 (a list, g.csv:3)"},
		{"A", stats.Day(2023, 4, 1), "D from 2023-04-01 (a list, g.csv:4)"},
		{"B", stats.Day(2024, 1, 1), "A from 2020-04-01 (a list, g.csv:5)"},
		{"C", stats.Day(2024, 1, 1), ""},
		{"' OR 1=1", stats.Day(2024, 1, 1), ""},
	} {
		if got := ask(tt.area, tt.on); got != tt.want {
			t.Errorf("the group of %s on %s is %q, want %q", tt.area, tt.on.Format(time.DateOnly), got, tt.want)
		}
	}
}

// TestFresh lists what came new or changed since a moment, and nothing that a
// run would have changed that published nothing.
func TestFresh(t *testing.T) {
	w := newWorld(t)
	w.release(t, "r1", "s", first, "one")
	w.release(t, "r2", "s", second, "one")
	insert := "INSERT INTO revisions (run_id, source, slice, change, measure, area_code, basis, period_start, period_end, breakdown) VALUES "
	for _, v := range []string{
		"('r1','s','one','new','charges','A','','2024-01-01','2024-01-31','')",
		"('r2','s','one','changed','charges','A','','2024-01-01','2024-01-31','')", "('r2','s','one','new','charges','A','','2024-02-01','2024-02-29','')",
		"('r2','s','one','new','charges','A','','2024-02-01','2024-02-29','kind')", "('r2','s','one','new','charges','B','','2024-03-01','2024-03-31','')",
		"('r2','s','one','gone','outcomes','A','','2024-01-01','2024-01-31','')", "('held','s','one','new','outcomes','A','','2024-04-01','2024-04-30','')",
	} {
		w.exec(t, insert+v)
	}
	ask := func(f query.RevisionFilter) (all []string) {
		t.Helper()
		found, err := w.reader.Fresh(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range found {
			all = append(all, fmt.Sprintf("%s %s %v", v.Measure, v.Period.Label(), v.New))
		}
		return all
	}
	for name, tt := range map[string]struct {
		filter query.RevisionFilter
		want   []string
	}{
		"a force since the second": {query.RevisionFilter{Since: second, Areas: []string{"A"}}, []string{"charges Jan 2024 false", "charges Feb 2024 true"}},
		"all since ever":           {query.RevisionFilter{}, []string{"charges Jan 2024 true", "charges Feb 2024 true", "charges Mar 2024 true"}},
		"since it was published":   {query.RevisionFilter{Since: second.Add(time.Microsecond)}, nil},
		"a measure":                {query.RevisionFilter{Since: second, Measures: []string{"outcomes"}}, nil},
		"a source":                 {query.RevisionFilter{Sources: []string{"t"}}, nil},
	} {
		if diff := cmp.Diff(tt.want, ask(tt.filter)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
