package chart

import (
	"math"
	"slices"
	"testing"

	"stalkstats/internal/stats"
)

// TestLabelSides: no name of a level stands on another. Of two that are close
// the lower is below its line; of three a limit is left out.
func TestLabelSides(t *testing.T) {
	for name, tt := range map[string]struct {
		upper, average, target float64
		want                   []string // of the upper limit, the average, the target
	}{
		"far apart":                     {90, 50, 70, []string{"top", "top", "top"}},
		"the limit just under":          {67, 40, 70, []string{"bottom", "top", "top"}},
		"the limit just above":          {71, 40, 70, []string{"top", "top", "bottom"}},
		"the limit well above":          {80, 40, 70, []string{"top", "top", "top"}},
		"the average and the limit too": {71, 70.5, 70, []string{"", "top", "bottom"}},
	} {
		p := Plot{Size: Full, Periods: months(2023, 1, 3), Levels: []Level{
			{Limit, "Upper limit", 0, 2, tt.upper, true}, {Average, "Average", 0, 2, tt.average, true}, {Target, "Target", 0, 2, tt.target, true}, {Average, "Average", 0, 2, 5, false}}}
		if got := p.labelSides(); !slices.Equal(got, append(tt.want, "")) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
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
