package query_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
)

// TestBreakdowns: a report has every breakdown, the totals alone, or the totals
// with the parts of one; and what there is to choose is that of what serves.
func TestBreakdowns(t *testing.T) {
	w := newWorld(t)
	w.release(t, "r1", "s", first, "one")
	w.release(t, "r2", "s", second, "two")
	var rows []string
	for i, f := range [][4]string{{"r1", "one", "", ""}, {"r1", "one", "sex", "f"}, {"r1", "one", "sex", "m"}, {"r2", "two", "age", "old"}} {
		rows = append(rows, fmt.Sprintf("('%s','s','%s','charges','A','','2024-01-01','2024-03-31','%s','%s',%d,'','','f.csv','',%d)", f[0], f[1], f[2], f[3], 10+i, i+2))
	}
	w.exec(t, "INSERT INTO observations VALUES "+strings.Join(rows, ","))
	for name, test := range map[string]struct {
		filter query.Filter
		want   []string
	}{
		"all":    {query.Filter{}, []string{" 10", "sex f 11", "sex m 12", "age old 13"}},
		"totals": {query.Filter{Totals: true}, []string{" 10"}},
		"sex":    {query.Filter{Breakdown: "sex"}, []string{" 10", "sex f 11", "sex m 12"}},
		"age":    {query.Filter{Breakdown: "age"}, []string{" 10", "age old 13"}},
	} {
		test.filter.Areas = []string{"A"}
		for range 2 { // as asked for, and as kept
			figures, err := w.reader.AllFigures(t.Context(), test.filter)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]bool{}
			for _, f := range figures {
				got[strings.TrimLeft(f.Breakdown+" "+f.BreakdownValue+" "+number(f.Value), " ")] = true
			}
			want := map[string]bool{}
			for _, text := range test.want {
				want[strings.TrimLeft(text, " ")] = true
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
	for at, want := range map[bool][]string{true: {"age", "sex"}, false: {"sex"}} {
		moment := query.Latest
		if !at {
			moment = first
		}
		if got, err := w.reader.Breakdowns(t.Context(), moment); err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("breakdowns %q, %v, want %q", got, err, want)
		}
	}
}
