package chart

import (
	"math"
	"testing"

	"stalkstats/internal/stats"
)

// TestLevelNames: every level that is to have a name has it, in the margin, and a small
// chart has neither.
func TestLevelNames(t *testing.T) {
	p := Plot{Size: Full, Periods: months(2023, 1, 3), Levels: []Level{
		{Limit, "Upper limit", 0, 2, 71, true}, {Average, "Average", 0, 2, 70.5, true}, {Target, "Target", 0, 2, 70, true}, {Average, "Average", 0, 1, 5, false}}}
	names := p.levelNames()
	if len(names) != 3 || p.margin() != nameMargin {
		t.Fatalf("%d names, a margin of %v", len(names), p.margin())
	}
	for i, want := range []string{"Upper limit", "Average", "Target"} {
		if n := names[i]; n.Name != want || n.X != "100%" || n.Label.Align != "left" {
			t.Errorf("%d: %+v", i, n)
		}
	}
	if p.Size = Small; len(p.levelNames()) > 0 || p.margin() == nameMargin {
		t.Error("a small chart has names")
	}
}

// TestScale: charts that share a scale end where the highest does; nothing is cut by one
// that is too low.
func TestScale(t *testing.T) {
	axis := months(2023, 1, 1)
	p := Plot{Size: Small, Periods: axis, Series: series(stats.Measure{ID: "n"}, "", map[stats.Period]stats.Value{axis[0]: stats.Number(25)})}
	for scale, want := range map[float64]float64{0: 30, 10: 30, 120: 120} {
		if p.Scale = scale; p.top() != want || p.Top() != 30 {
			t.Errorf("a scale of %v: the axis ends at %v, want %v", scale, p.top(), want)
		}
	}
}

// TestTopLeavesRoom: the axis ends above the highest point, where its steps are
// even, and a share ends at 100%.
func TestTopLeavesRoom(t *testing.T) {
	count := stats.Measure{ID: "n"}
	ratio := stats.Measure{ID: "r", Numerator: "a", Per: 100, Interval: stats.Byar}
	share := ratio
	share.Interval = stats.Wilson
	for _, tt := range []struct {
		measure     stats.Measure
		value, want float64
	}{
		{count, 25, 30}, {count, 2, 3}, {count, 1, 2}, {count, 100, 120}, {count, 0, 0}, {ratio, 25, 30}, {ratio, 98, 120}, {share, 98, 100}, {share, 0.21, 0.25},
	} {
		axis := months(2023, 1, 1)
		p := Plot{Size: Full, Periods: axis, Series: series(tt.measure, "", map[stats.Period]stats.Value{axis[0]: stats.Number(tt.value)})}
		if got := p.top(); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%v: the axis ends at %v, want %v", tt.value, got, tt.want)
		}
	}
	for n := 0.01; n < 1e5; n *= 1.07 {
		top := evenTop(n, 0)
		if steps := top / evenStep(top/4); top < n || top > 1.7*n || math.Abs(steps-math.Round(steps)) > 1e-9 {
			t.Errorf("%v: %v in %v steps", n, top, steps)
		}
	}
}
