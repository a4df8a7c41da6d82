package query

import (
	"testing"

	"stalkstats/internal/stats"
)

// TestPortions: a filter that is asked in portions has the figures of one that is
// not, each once and in order.
func TestPortions(t *testing.T) {
	_, reader, codes := history(t)
	quarter := stats.Quarter(2013, 2)
	all := Filter{From: quarter.Start, To: quarter.End}
	known, err := reader.reference(t.Context(), Latest)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(portions(all, known)); n < 5 {
		t.Fatalf("1.3 million figures are asked for in %d portions", n)
	}
	one := all
	one.Areas = codes[:1]
	if n := len(portions(one, known)); n != 1 {
		t.Fatalf("a force's figures are asked for in %d portions", n)
	}
	var whole []stats.Figure
	var before stats.Key
	for f, err := range reader.Figures(t.Context(), all) {
		if err != nil {
			t.Fatal(err)
		}
		if stats.CompareKeys(before, f.Key) >= 0 {
			t.Fatalf("%+v comes after %+v", f.Key, before)
		}
		if before = f.Key; f.Area == codes[0] {
			whole = append(whole, f)
		}
	}
	alone, err := collect(reader.Figures(t.Context(), one))
	if err != nil {
		t.Fatal(err)
	}
	if len(alone) == 0 || len(whole) != len(alone) {
		t.Fatalf("%d figures among all, %d alone", len(whole), len(alone))
	}
	for i := range alone {
		if whole[i].Key != alone[i].Key || whole[i].Value != alone[i].Value {
			t.Errorf("%+v among all, %+v alone", whole[i], alone[i])
		}
	}
}
