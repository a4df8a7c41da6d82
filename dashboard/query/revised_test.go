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

// revise writes lines of change, area, measure, former value and markers, value
// and markers as what a run changed in March 2024; the n-th was and stands in
// row n+2.
func (w world) revise(t testing.TB, run, slice, former string, lines ...string) {
	t.Helper()
	null := func(value string) string {
		if value == "" {
			return "NULL"
		}
		return value
	}
	var rows []string
	for i, line := range lines {
		f := strings.Split(line+"|||||", "|")
		was, is := fmt.Sprintf("'%s.csv','',%d", former, i+2), fmt.Sprintf("'%s.csv','',%d", run, i+2)
		switch f[0] {
		case "new":
			was = "'','',0"
		case "gone":
			is = "'','',0"
		}
		rows = append(rows, fmt.Sprintf("('%s','s','%s','%s','%s','%s','','2024-03-01','2024-03-31','','','%s',%s,'%s',%s,%s,'%s',%s)",
			run, slice, f[0], f[2], f[1], former, null(f[3]), f[4], was, null(f[5]), f[6], is))
	}
	w.exec(t, "INSERT INTO revisions VALUES "+strings.Join(rows, ","))
}

// publish says which run published a release: another than loaded it.
func (w world) publish(t testing.TB, run, release, source string, at time.Time, slices ...string) {
	t.Helper()
	for _, slice := range slices {
		w.exec(t, fmt.Sprintf("INSERT INTO published VALUES ('%s','%s','%s','%s','%s')", source, slice, release, at.Format("2006-01-02 15:04:05.000000"), run))
	}
}

// TestRevisedFigures: what differs from the figure that it replaced says so,
// alone, in a sum and in a rate.
func TestRevisedFigures(t *testing.T) {
	ew := query.Filter{Areas: []string{stats.EnglandAndWales}}
	rate := query.Filter{Measures: []string{"rate"}, Areas: []string{"A"}}
	for name, tt := range map[string]struct {
		lines   []string
		changes []string
		filter  query.Filter
		want    []string
	}{
		"a value":                      {[]string{"A|charges|5"}, []string{"changed|A|charges|4||5|"}, query.Filter{}, []string{"A charges 5 (r) [r2.csv:2]"}},
		"beside another marker":        {[]string{"A|charges|5|p", "B|charges|1|r u"}, []string{"changed|A|charges|4||5|p", "changed|B|charges|2||1|r u"}, query.Filter{Areas: []string{"A", "B"}}, []string{"A charges 5 (p r) [r2.csv:2]", "B charges 1 (r u) [r2.csv:3]"}},
		"a value that came":            {[]string{"A|charges|5"}, []string{"changed|A|charges||x|5|"}, query.Filter{}, []string{"A charges 5 (r) [r2.csv:2]"}},
		"a value that went":            {[]string{"A|charges||x"}, []string{"changed|A|charges|5|||x"}, query.Filter{}, []string{"A charges - (r x) [r2.csv:2]"}},
		"another marker alone":         {[]string{"A|charges|5"}, []string{"changed|A|charges|5|p|5|"}, query.Filter{}, []string{"A charges 5 [r2.csv:2]"}},
		"new and gone":                 {[]string{"A|charges|5"}, []string{"new|A|charges|||5|", "gone|B|charges|4||||"}, query.Filter{}, []string{"A charges 5 [r2.csv:2]"}},
		"another area and measure":     {[]string{"A|charges|5"}, []string{"changed|B|charges|4||5|", "changed|A|outcomes|4||5|"}, query.Filter{}, []string{"A charges 5 [r2.csv:2]"}},
		"a sum":                        {[]string{"A|charges|5", "B|charges|1"}, []string{"changed|A|charges|4||5|"}, ew, []string{"K04000001 charges 6 (r) [r2.csv:2 r2.csv:3] sum of 2 of 4 forces, no figure from Cleveland, Devon"}},
		"a sum that lost a part":       {[]string{"A|charges|5", "B|charges|1", "C|charges||x"}, []string{"changed|C|charges|4|||x"}, ew, []string{"K04000001 charges 6 (r) [r2.csv:2 r2.csv:3] sum of 2 of 4 forces, no figure from Cleveland, Devon"}},
		"a rate, above the line":       {[]string{"A|charges|5", "A|outcomes|20"}, []string{"changed|A|charges|4||5|"}, rate, []string{"A rate 25 (r) = 5/20 [r2.csv:2 r2.csv:3]"}},
		"a rate, below the line":       {[]string{"A|charges|5", "A|outcomes|20"}, []string{"changed|A|outcomes|40||20|"}, rate, []string{"A rate 25 (r) = 5/20 [r2.csv:2 r2.csv:3]"}},
		"a rate that cannot be worked": {[]string{"A|charges||c", "A|outcomes|20"}, []string{"changed|A|charges|4|||c"}, rate, []string{"A rate - (c r) = -/20 [r2.csv:2 r2.csv:3]"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.observe(t, "r2", "one", tt.lines...)
			w.revise(t, "r2", "one", "r1", tt.changes...)
			w.release(t, "r2", "s", second, "one")
			if diff := cmp.Diff(tt.want, w.ask(t, tt.filter)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestRevisedAsAt: a figure is revised from the run that changed it until one
// publishes it again as it was; a withdrawal revises back. What a run that was
// held would have changed is no revision.
func TestRevisedAsAt(t *testing.T) {
	w := newWorld(t)
	third, fourth := second.AddDate(0, 1, 0), second.AddDate(0, 2, 0)
	w.observe(t, "r1", "one", "A|charges|1")
	w.observe(t, "r2", "one", "A|charges|2")
	w.observe(t, "r3", "one", "A|charges|2")
	w.revise(t, "r2", "one", "r1", "changed|A|charges|1||2|")
	w.revise(t, "held", "one", "r1", "changed|A|charges|1||7|")
	w.revise(t, "w4", "one", "r3", "changed|A|charges|2||1|")
	w.release(t, "r1", "s", first, "one")
	w.release(t, "r2", "s", second, "one")
	w.release(t, "r3", "s", third, "one")
	w.publish(t, "w4", "r1", "s", fourth, "one")
	for at, want := range map[time.Time]string{
		first: "A charges 1 [r1.csv:2]", second.Add(-time.Microsecond): "A charges 1 [r1.csv:2]", second: "A charges 2 (r) [r2.csv:2]",
		third: "A charges 2 [r3.csv:2]", fourth: "A charges 1 (r) [r1.csv:2]", query.Latest: "A charges 1 (r) [r1.csv:2]",
	} {
		if diff := cmp.Diff([]string{want}, w.ask(t, query.Filter{AsAt: at})); diff != "" {
			t.Errorf("as at %v (-want +got):\n%s", at, diff)
		}
	}
}
