package query

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

// TestMerged: whatever runs there are, the places come in order, and those of
// equals as they were.
func TestMerged(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var spare []uint32
	for n := range 300 {
		keys, places := make([]int, n), make([]uint32, n)
		for i := range n {
			keys[i], places[i] = random.IntN(1+n/3), uint32(i)
			if i > 0 && random.IntN(9) > 0 { // runs
				keys[i] = max(keys[i], keys[i-1])
			}
		}
		compare := func(a, b uint32) int { return cmp.Compare(keys[a], keys[b]) }
		want := slices.Clone(places)
		slices.SortStableFunc(want, compare)
		var got []uint32
		if got, spare = merged(places, spare, compare); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}

// TestOrder: entries are in the order of the keys of their figures, by text and
// not by when a word was first met.
func TestOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	var b batch
	b.forget()
	b.parts = parts{counts: []string{""}, measures: []string{""}, bases: []string{""}, roles: []int{itself}, pers: []float64{0}}
	b.served, b.alone = []servedSlice{{}}, [][]string{{"r"}}
	b.place.summed = setOf([]string{"B", "Z"})
	for range 5000 {
		b.all = append(b.all, counted{
			measure: b.add(pick("z", "a", "m")), area: b.add(pick("Z", "B", "K1", "A")), source: b.add(pick("t", "s")), basis: b.add(pick("", "y", "x")),
			breakdown: b.add(pick("", "kind")), breakdownValue: b.add(pick("10", "9", "", "1")),
			start: uint16(random.IntN(60000)), end: uint16(random.IntN(60000)),
		})
	}
	b.enter(Start{})
	b.sort()
	for _, orders := range []struct {
		places []uint32
		isSum  bool
	}{{b.own, false}, {b.summed, true}} {
		if len(orders.places) < 2000 {
			t.Fatalf("%d entries", len(orders.places))
		}
		for i := 1; i < len(orders.places); i++ {
			former, next := b.key(&b.entries[orders.places[i-1]], orders.isSum), b.key(&b.entries[orders.places[i]], orders.isSum)
			if stats.CompareKeys(former, next) > 0 {
				t.Fatalf("%+v comes before %+v", former, next)
			}
		}
	}
	var before stats.Key
	b.figures(true, func(f stats.Figure, err error) bool {
		if err != nil || stats.CompareKeys(before, f.Key) >= 0 {
			t.Fatalf("%+v comes after %+v: %v", f.Key, before, err)
		}
		before = f.Key
		return true
	})
}

// TestPastPortions: also what served at a past time is read in portions, which a
// report of all figures then would not fit into memory without.
func TestPastPortions(t *testing.T) {
	_, reader, _ := history(t)
	at := time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC) // between the two editions
	quarter := stats.Quarter(2013, 2)
	now, past := 0, 0
	for f, err := range reader.Figures(t.Context(), Filter{From: quarter.Start, To: quarter.End, Bare: true}) {
		if err != nil || f.Origins != nil {
			t.Fatal(f.Origins, err)
		}
		now++
	}
	reader.lasting.holdings = nil
	for _, err := range reader.Figures(t.Context(), Filter{From: quarter.Start, To: quarter.End, AsAt: at}) {
		if err != nil {
			t.Fatal(err)
		}
		past++
	}
	if now != past || now < 80_000 {
		t.Errorf("%d figures now, %d at a past time", now, past)
	}
	known, err := reader.reference(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	if known.holdings, err = reader.readHoldings(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	latest, err := reader.reference(t.Context(), Latest)
	if err != nil {
		t.Fatal(err)
	}
	measures := func(all []portion) (ids [][]string) {
		for _, p := range all {
			ids = append(ids, p.Measures)
		}
		return ids
	}
	if diff := gocmp.Diff(measures(portions(Filter{}, latest, portionFigures)), measures(portions(Filter{}, known, portionFigures))); diff != "" || len(portions(Filter{}, known, portionFigures)) < 10 {
		t.Errorf("(-now +past):\n%s", diff)
	}
}
