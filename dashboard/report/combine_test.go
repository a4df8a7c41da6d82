package report

import (
	"errors"
	"maps"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// TestCombineStreams: the figures of one area are handed on before those of the
// next are read to their end, and what an error cuts short is no figure.
func TestCombineStreams(t *testing.T) {
	measures := stats.NewMeasures([]stats.Measure{{ID: "charges", AddsUp: stats.OverAreasAndPeriods}})
	lost := errors.New("lost")
	read := 0
	months := func(yield func(stats.Figure, error) bool) {
		for _, area := range []string{"A", "B", "C"} {
			for month := range 3 {
				f := figure(stats.Number(1), "")
				f.Area, f.Period = area, stats.Month(2024, time.Month(4+month))
				if read++; !yield(f, nil) {
					return
				}
			}
		}
		yield(stats.Figure{}, lost)
	}
	var got []string
	var last error
	for f, err := range Combine(months, stats.KindQuarter, areas, measures, "") {
		if last = err; err != nil {
			break
		}
		got = append(got, f.Area)
		if f.Value != stats.Number(3) || f.Period != stats.Quarter(2024, 1) {
			t.Errorf("figure %+v", f)
		}
		if want := 4 + 3*(len(got)-1); read != want {
			t.Errorf("%d were read for figure %d, want %d", read, len(got), want)
		}
	}
	if len(got) != 2 || !errors.Is(last, lost) {
		t.Errorf("figures of %q, then %v", got, last)
	}
}

// TestNoteOfSums: what was added up says so, and what came whole does not.
func TestNoteOfSums(t *testing.T) {
	measures := stats.NewMeasures([]stats.Measure{{ID: "charges", AddsUp: stats.OverAreasAndPeriods}})
	figures := func(yield func(stats.Figure, error) bool) {
		for month := range 3 {
			f := figure(stats.Number(10), "as the force says")
			f.Period = stats.Month(2024, time.Month(1+month))
			if !yield(f, nil) {
				return
			}
		}
		whole := figure(stats.Number(35), "")
		whole.Period = stats.Quarter(2024, 1)
		yield(whole, nil)
	}
	notes := map[stats.Period]string{}
	for f, err := range Combine(figures, stats.KindQuarter, areas, measures, "added up") {
		if err != nil {
			t.Fatal(err)
		}
		notes[f.Period] = f.Note
	}
	if want := (map[stats.Period]string{stats.Quarter(2023, 4): "as the force says; added up", stats.Quarter(2024, 1): ""}); !maps.Equal(notes, want) {
		t.Errorf("notes %q, want %q", notes, want)
	}
}
