package validate

import (
	"fmt"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

func TestSimilarAreas(t *testing.T) {
	first, later := stats.Day(2020, time.April, 1), stats.Day(2024, time.April, 1)
	c := New(stats.NewAreas(forces()), stats.NewMeasures(nil), stats.Day(2026, time.July, 1))
	const only = " is not a territorial force: only those are in groups"
	for i, tt := range []struct {
		area, similar string
		from          time.Time
		want          string
	}{
		{"E23000001", "E23000002", first, ""},
		{"E23000002", "E23000001", first, ""},
		{"E23000001", "E23000003", first, ""},
		{"E23000001", "E23000002", later, ""},
		{"E23000001", "E23000002", first, "similar_area_code E23000002: row 10 has these two forces from this day already: leave one out"},
		{"E23000001", "E23000001", first, "similar_area_code E23000001: a force is not in its own group: leave the row out"},
		{"E23000001", "Kent", first, "similar_area_code Kent: " + unknownArea},
		{"Kent", "E23000001", first, "area_code Kent: " + unknownArea},
		{"E23000001", "BTP", first, "similar_area_code BTP: British Transport Police" + only},
		{stats.EnglandAndWales, "E23000001", first, "area_code K04000001: England and Wales" + only},
	} {
		got := ""
		if fault := c.Row(stats.SimilarArea{Area: tt.area, Similar: tt.similar, From: tt.from, Origin: stats.Origin{Row: 10 + i}}); fault != nil {
			got = fault.Column + " " + fault.Value + ": " + fault.Reason
		}
		if got != tt.want {
			t.Errorf("row %d: %q, want %q", 10+i, got, tt.want)
		}
	}
}

// TestAGroupIsSmall: a group of most of the forces is a slip. Another day is
// another group.
func TestAGroupIsSmall(t *testing.T) {
	c := New(stats.NewAreas(forces()), stats.NewMeasures(nil), time.Time{})
	add := func(n, year int) *stats.Fault {
		return c.Row(stats.SimilarArea{Area: "E23000001", Similar: fmt.Sprintf("E230000%02d", n), From: stats.Day(year, time.April, 1)})
	}
	for n := 2; n < 2+mostSimilar; n++ {
		if fault := add(n, 2020); fault != nil {
			t.Fatalf("%d: %+v", n, fault)
		}
	}
	if fault := add(2+mostSimilar, 2020); fault == nil || fault.Reason != "20 rows hold forces for this group and day already: check that the codes are not the wrong way round" {
		t.Errorf("one too many: %+v", fault)
	}
	if fault := add(2+mostSimilar, 2024); fault != nil {
		t.Errorf("of another day: %+v", fault)
	}
}
