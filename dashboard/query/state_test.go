package query_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// TestPublishedElsewhereIsSeenAtOnce: what a Reader keeps is good only for what
// is served. Here others write to the tables between its questions, as another
// process does: the next question sees it, and a past time stays as it was.
func TestPublishedElsewhereIsSeenAtOnce(t *testing.T) {
	w := newWorld(t)
	third, fourth := second.AddDate(0, 1, 0), second.AddDate(0, 2, 0)
	areas := query.Filter{Areas: []string{"A", "B"}}
	past := query.Filter{Areas: []string{"A", "B"}, AsAt: second.Add(-time.Microsecond)}
	wants := func(step string, f query.Filter, want ...string) {
		t.Helper()
		for range 2 { // once afresh, once from what is kept
			if diff := cmp.Diff(want, w.ask(t, f)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", step, diff)
			}
		}
	}
	w.observe(t, "r1", "one", "A|charges|1")
	w.observe(t, "r1", "two", "B|charges|2")
	w.observe(t, "r2", "one", "A|charges|10")
	wants("written and not published", areas)
	w.release(t, "r1", "s", first, "one", "two")
	wants("the first release", areas, "A charges 1 [r1.csv:2]", "B charges 2 [r1.csv:2]")
	w.revise(t, "r2", "one", "r1", "changed|A|charges|1||10|")
	w.release(t, "r2", "s", second, "one")
	wants("a release of one slice, that revises", areas, "A charges 10 (r) [r2.csv:2]", "B charges 2 [r1.csv:2]")
	wants("before it", past, "A charges 1 [r1.csv:2]", "B charges 2 [r1.csv:2]")
	w.publish(t, "w3", "r1", "s", third, "one")
	wants("it is withdrawn", areas, "A charges 1 [r1.csv:2]", "B charges 2 [r1.csv:2]")
	w.publish(t, "w4", "", "s", fourth, "one", "two")
	wants("nothing is served", areas)
	wants("as at the second", query.Filter{Areas: []string{"A", "B"}, AsAt: second}, "A charges 10 (r) [r2.csv:2]", "B charges 2 [r1.csv:2]")
}

// TestReferencePublishedElsewhere: measures, forces, served releases and runs
// too are those of the moment, in what is asked and in what is worked out.
func TestReferencePublishedElsewhere(t *testing.T) {
	w := newWorld(t)
	w.observe(t, "r1", "one", "A|charges|5", "B|charges|1", "A|outcomes|20")
	w.release(t, "r1", "s", first, "one")
	rate := query.Filter{Measures: []string{"rate"}}
	if got := w.ask(t, rate); !slices.Equal(got, []string{"A rate 25 = 5/20 [r1.csv:2 r1.csv:4]"}) {
		t.Error(got)
	}
	w.exec(t, "INSERT INTO measures (release_id, source, slice, measure, basis, measure_name, numerator, denominator, per, source_row) VALUES "+
		"('r9','measures','all','rate','outcomes','For each thousand','charges','outcomes',1000,2)")
	w.release(t, "r9", "measures", second, "all")
	if got := w.ask(t, rate); !slices.Equal(got, []string{"A rate 250 = 5/20 [r1.csv:2 r1.csv:4]"}) {
		t.Error(got)
	}
	w.exec(t, "INSERT INTO areas (release_id, source, slice, area_code, area_name, kind, source_row) VALUES "+
		"('r8','areas','all','A','Avon','territorial_force',2),('r8','areas','all','B','Beds','territorial_force',3)")
	w.release(t, "r8", "areas", second, "all")
	if got := w.ask(t, query.Filter{Measures: []string{"charges"}, Areas: []string{"K04000001"}}); !slices.Equal(got, []string{"K04000001 charges 6 [r1.csv:2 r1.csv:3]"}) {
		t.Error(got)
	}
	for n := range 2 {
		w.ran(t, slices.Repeat([][3]string{{"s", "published", "load"}}, n)...)
		states, err := w.reader.SourceStates(t.Context())
		if err != nil || len(states) != n {
			t.Errorf("after %d runs: %+v, %v", n, states, err)
		}
		sources, err := w.reader.Sources(t.Context())
		if err != nil || len(sources) != n {
			t.Errorf("after %d runs: %+v, %v", n, sources, err)
		}
	}
	served, err := w.reader.Served(t.Context(), query.Latest)
	if err != nil || len(served) != 3 {
		t.Errorf("%+v, %v", served, err)
	}
}

// TestServedAfterAWithdrawal: of releases that come back at one moment the one
// that was fetched last stands first, whatever it serves.
func TestServedAfterAWithdrawal(t *testing.T) {
	w := newWorld(t)
	w.observe(t, "r1", "one", "A|charges|1")
	w.observe(t, "r2", "two", "A|arrests|2")
	w.release(t, "r1", "s", first, "one")
	w.release(t, "r2", "s", first, "two")
	served, err := w.reader.Served(t.Context(), query.Latest)
	served = slices.DeleteFunc(served, func(v query.ServedRelease) bool { return v.Source != "s" })
	if err != nil || len(served) != 2 || served[0].ID != "r2" || served[1].ID != "r1" {
		t.Errorf("%+v, %v", served, err)
	}
}

// TestOneState: what is asked in one context is answered from one state, though
// another release is published between two questions.
func TestOneState(t *testing.T) {
	w := newWorld(t)
	w.observe(t, "r1", "one", "A|charges|1")
	w.observe(t, "r2", "one", "A|charges|2")
	w.release(t, "r1", "s", first, "one")
	ctx := query.OneState(t.Context())
	value := func() (v float64) {
		for f, err := range w.reader.Figures(ctx, query.Filter{}) {
			if err != nil {
				t.Fatal(err)
			}
			v = f.Value.Number
		}
		return v
	}
	before := value()
	w.release(t, "r2", "s", second, "one")
	within, after := value(), w.ask(t, query.Filter{})
	if before != 1 || within != 1 || !slices.Equal(after, []string{"A charges 2 [r2.csv:2]"}) {
		t.Errorf("%v before, %v within, %v after", before, within, after)
	}
}

// TestReadersAndPublicationsAtOnce: readers side by side see a release whole or not
// at all, and never an older one after a newer.
func TestReadersAndPublicationsAtOnce(t *testing.T) {
	w := newWorld(t)
	const releases = 12
	for n := range releases {
		w.observe(t, fmt.Sprintf("r%d", n+1), "one", fmt.Sprintf("A|charges|%d", n), fmt.Sprintf("B|charges|%d", n))
	}
	w.release(t, "r1", "s", first, "one")
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			last := 0.0
			for over := false; !over; {
				select {
				case <-done:
					over = true // and once more
				default:
				}
				var got []float64
				for f, err := range w.reader.Figures(t.Context(), query.Filter{Areas: []string{"A", "B"}}) {
					if err != nil {
						t.Error(err)
						return
					}
					got = append(got, f.Value.Number)
				}
				if len(got) != 2 || got[0] != got[1] || got[0] < last || over && got[0] != releases-1 {
					t.Errorf("figures %v after %v", got, last)
					return
				}
				last = got[0]
			}
		})
	}
	for n := 1; n < releases; n++ {
		w.release(t, fmt.Sprintf("r%d", n+1), "s", first.AddDate(0, 0, n), "one")
	}
	close(done)
	readers.Wait()
}

// TestEnteredElsewhereIsSeenAtOnce: what people enter through another process
// is in the next answer, though nothing was published.
func TestEnteredElsewhereIsSeenAtOnce(t *testing.T) {
	w := newWorld(t)
	elsewhere := query.New(w.db)
	for i, id := range []string{"e1", "e2"} {
		for range 2 { // once afresh, once from what is kept
			notes, err := w.reader.Annotations(t.Context(), "B", query.Latest)
			if said := w.said(t, "B", query.Latest); err != nil || len(notes) != i || len(said) != i {
				t.Errorf("%d entries: notes %v, progress %v, error %v", i, notes, said, err)
			}
		}
		at := second.Add(time.Duration(i) * time.Hour)
		note := stats.Annotation{ID: id, MadeAt: at, Who: "Ann", Kind: stats.NoteAnnotation, Measure: "charges", Area: "B", Day: stats.Day(2026, time.May, 1), Words: "note"}
		if err := elsewhere.Annotate(t.Context(), note); err != nil {
			t.Fatal(err)
		}
		if err := elsewhere.Enter(t.Context(), entered(id, at, stats.Day(2026, time.March, 27), stats.NotStarted)); err != nil {
			t.Fatal(err)
		}
	}
}
