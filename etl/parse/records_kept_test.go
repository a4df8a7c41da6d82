package parse

import (
	"math/rand/v2"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// TestPackedDay: every day that an extract can be of comes back as it was, and later
// days are greater.
func TestPackedDay(t *testing.T) {
	before := packedDay(0)
	for day := stats.Day(firstYear, time.January, 1); day.Year() < 2117; day = day.AddDate(0, 0, 1) {
		p := packed(dayOf(day))
		if p <= before || p.day() != dayOf(day) {
			t.Fatalf("%s is packed as %d, after %d, and comes back as %d", day, p, before, p.day())
		}
		before = p
	}
	if packed(0) != 0 {
		t.Error("no day is packed as one")
	}
}

// TestFirstGrant: in whatever order the two grants of an order are read, the earlier one
// is the first, and its own day of application comes before the other's.
func TestFirstGrant(t *testing.T) {
	for _, tt := range []struct {
		name                     string
		interim, full            recordDay
		byInterim, byFull, wants recordDay
		first                    int
	}{
		{"interim first", 20240201, 20240301, 20240110, 20240105, 20240110, stageInterim},
		{"full first", 20240301, 20240201, 20240110, 20240105, 20240105, stageFull},
		{"the first has no application", 20240201, 20240301, 0, 20240105, 20240105, stageInterim},
		{"the later has none", 20240201, 20240301, 20240110, 0, 20240110, stageInterim},
		{"neither has one", 20240201, 20240301, 0, 0, 0, stageInterim},
	} {
		for _, order := range [][]int{{stageInterim, stageFull}, {stageFull, stageInterim}} {
			var o keptOrder
			for row, stage := range order {
				day, applied := tt.interim, tt.byInterim
				if stage == stageFull {
					day, applied = tt.full, tt.byFull
				}
				o.grant(day, applied)
				o.days[stage], o.rows[stage] = packed(day), uint32(row+2)
			}
			stage, ok := o.firstGrant()
			if got := o.applied; !ok || stage != tt.first || got != packed(tt.wants) {
				t.Errorf("%s, read in the order %v: the first is %d, its application %d", tt.name, order, stage, got)
			}
		}
	}
	if _, ok := new(keptOrder).firstGrant(); ok {
		t.Error("an order without a grant has a first one")
	}
}

// TestKeptOrders: each order is found at its place, through many pages of them.
func TestKeptOrders(t *testing.T) {
	var k keptOrders
	r := rand.New(rand.NewPCG(5, 6))
	var places []fact
	var want []uint32
	for range 3*ordersTogether + 7 {
		place, holder := k.next(), r.Uint32()
		k.add(keptOrder{holder: holder})
		places, want = append(places, place), append(want, holder)
	}
	for i, place := range places {
		if got := k.at(place).holder; place == 0 || got != want[i] {
			t.Fatalf("the order at %d is %d, want %d", place, got, want[i])
		}
	}
	i := 0
	for o := range k.all() {
		if o.holder != want[i] {
			t.Fatalf("order %d is %d, want %d", i, o.holder, want[i])
		}
		i++
	}
	if i != len(want) {
		t.Errorf("%d orders of %d", i, len(want))
	}
}
