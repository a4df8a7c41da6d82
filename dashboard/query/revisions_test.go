package query_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
)

// revisions is the answer in short: when, run and kind, change, area, measure,
// what it was and is, and where both stand.
func (w world) revisions(t *testing.T, f query.RevisionFilter) (all []string) {
	t.Helper()
	for v, err := range w.reader.Revisions(t.Context(), f) {
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("%s %s %s %s: %s %s %s %s(%s) %s:%d -> %s(%s) %s:%d", v.PublishedAt.Format(time.DateOnly), v.Run, v.Kind, v.Change,
			v.Area, v.Measure, v.FormerRelease, number(v.Former), v.Former.Markers, v.FormerOrigin.File, v.FormerOrigin.Row,
			number(v.Now), v.Now.Markers, v.Origin.File, v.Origin.Row)
		if v.Demonstration {
			text += " demonstration"
		}
		all = append(all, text)
	}
	return all
}

// TestRevisions: what was published and changed is listed, the newest run
// first; what is new is counted; what was never published is neither.
func TestRevisions(t *testing.T) {
	w := newWorld(t)
	third := second.AddDate(0, 1, 0)
	w.observe(t, "r1", "one", "A|charges|1||demonstration", "B|charges|2")
	w.observe(t, "r2", "one", "A|charges|5", "B|charges||x")
	w.exec(t, "INSERT INTO runs (run_id, source, kind) VALUES ('r1','s','load'),('r2','s','load'),('w3','s','withdrawal')")
	w.revise(t, "r1", "one", "", "new|A|charges|||1|", "new|B|charges|||2|")
	w.revise(t, "r2", "one", "r1", "changed|A|charges|1||5|p", "changed|B|charges|2|||x", "new|C|outcomes|||9|")
	w.revise(t, "held", "one", "r1", "changed|A|charges|1||99|")
	w.revise(t, "w3", "one", "r2", "changed|A|charges|5|p|1|", "gone|C|outcomes|9||||")
	w.release(t, "r1", "s", first, "one")
	w.release(t, "r2", "s", second, "one", "two") // more slices list nothing twice
	w.publish(t, "w3", "r1", "s", third, "one", "two")
	loaded := []string{
		"2026-04-10 r2 load changed: A charges r1 1() r1.csv:2 -> 5(p) r2.csv:2 demonstration",
		"2026-04-10 r2 load changed: B charges r1 2() r1.csv:3 -> -(x) r2.csv:3",
	}
	withdrawn := []string{
		"2026-05-10 w3 withdrawal changed: A charges r2 5(p) r2.csv:2 -> 1() w3.csv:2 demonstration",
		"2026-05-10 w3 withdrawal gone: C outcomes r2 9() r2.csv:3 -> -() :0",
	}
	all := append(append([]string{}, withdrawn...), loaded...)
	hostile := "x'; DROP TABLE revisions; --"
	for name, tt := range map[string]struct {
		filter query.RevisionFilter
		want   []string
		counts query.RevisionCounts
	}{
		"ever":                     {query.RevisionFilter{}, all, query.RevisionCounts{Changed: 3, Gone: 1, New: 3}},
		"of a source":              {query.RevisionFilter{Sources: []string{"s"}}, all, query.RevisionCounts{Changed: 3, Gone: 1, New: 3}},
		"since the very moment":    {query.RevisionFilter{Since: second}, all, query.RevisionCounts{Changed: 3, Gone: 1, New: 1}},
		"since a moment after":     {query.RevisionFilter{Since: second.Add(time.Microsecond)}, withdrawn, query.RevisionCounts{Changed: 1, Gone: 1}},
		"since later":              {query.RevisionFilter{Since: third.AddDate(1, 0, 0)}, nil, query.RevisionCounts{}},
		"of an area":               {query.RevisionFilter{Areas: []string{"B"}}, loaded[1:], query.RevisionCounts{Changed: 1, New: 1}},
		"of a measure":             {query.RevisionFilter{Measures: []string{"outcomes"}}, withdrawn[1:], query.RevisionCounts{Gone: 1, New: 1}},
		"of another source":        {query.RevisionFilter{Sources: []string{"areas"}}, nil, query.RevisionCounts{}},
		"words are never commands": {query.RevisionFilter{Sources: []string{hostile}, Areas: []string{hostile}, Measures: []string{hostile, "'\\"}}, nil, query.RevisionCounts{}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, w.revisions(t, tt.filter)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			counts, err := w.reader.CountRevisions(t.Context(), tt.filter)
			if err != nil || counts != tt.counts {
				t.Errorf("counts %+v, error %v, want %+v", counts, err, tt.counts)
			}
		})
	}
}
