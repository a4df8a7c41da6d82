package query_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// TestFigureRevisions: exactly the figures that are named, the oldest first,
// new ones among them; what was never published is not there.
func TestFigureRevisions(t *testing.T) {
	w := newWorld(t)
	w.observe(t, "r1", "one", "A|charges|1||demonstration", "B|charges|2")
	w.exec(t, "INSERT INTO runs (run_id, source, kind) VALUES ('r1','s','load'),('r2','s','load'),('w3','s','withdrawal')")
	w.revise(t, "r1", "one", "", "new|A|charges|||1|", "new|B|charges|||2|")
	w.revise(t, "r2", "one", "r1", "changed|A|charges|1||5|p", "gone|B|charges|2|||", "changed|A|outcomes|7||9|")
	w.revise(t, "held", "one", "r1", "changed|A|charges|1||99|")
	w.revise(t, "w3", "one", "r2", "changed|A|charges|5|p|1|", "new|B|charges|||2|")
	w.exec(t, "INSERT INTO revisions SELECT * REPLACE ('recorded' AS basis) FROM revisions WHERE run_id = 'r2' AND measure = 'charges' AND area_code = 'A'")
	w.release(t, "r1", "s", first, "one")
	w.release(t, "r2", "s", second, "one")
	w.publish(t, "w3", "r1", "s", second.AddDate(0, 1, 0), "one")
	march, april := stats.Month(2024, time.March), stats.Month(2024, time.April)
	own := query.Counts{Measures: []string{"charges"}, Areas: []string{"A"}, Source: "s", Periods: []stats.Period{april, march}}
	all := []string{"r1 load new A : - -> 1", "r2 load changed A : 1 -> 5 demonstration", "w3 withdrawal changed A : 5 -> 1"}
	for name, tt := range map[string]struct {
		of   func(c *query.Counts)
		want []string
	}{
		"one figure":      {func(*query.Counts) {}, all},
		"of both forces":  {func(c *query.Counts) { c.Areas = []string{"B", "A"} }, []string{all[0], "r1 load new B : - -> 2", all[1], "r2 load gone B : 2 -> -", all[2], "w3 withdrawal new B : - -> 2"}},
		"another basis":   {func(c *query.Counts) { c.Basis = "recorded" }, []string{"r2 load changed A recorded: 1 -> 5"}},
		"another period":  {func(c *query.Counts) { c.Periods = []stats.Period{april} }, nil},
		"no period":       {func(c *query.Counts) { c.Periods = nil }, nil},
		"another source":  {func(c *query.Counts) { c.Source = "t" }, nil},
		"a part":          {func(c *query.Counts) { c.Breakdown, c.BreakdownValue = "online", "yes" }, nil},
		"never a command": {func(c *query.Counts) { c.Areas, c.Basis = []string{"x'; DROP TABLE revisions; --", "'\\"}, "'\\" }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			of := own
			tt.of(&of)
			found, err := w.reader.FigureRevisions(t.Context(), of)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range found {
				text := fmt.Sprintf("%s %s %s %s %s: %s -> %s", r.Run, r.Kind, r.Change, r.Area, r.Basis, number(r.Former), number(r.Now))
				if r.Demonstration {
					text += " demonstration"
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
