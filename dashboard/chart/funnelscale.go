package chart

import (
	"math"
	"slices"

	"stalkstats/internal/stats"
)

// smallShare is how small an area is whose rate does not stretch the scale: a
// rate of a handful may be anything, and would press all others flat.
const smallShare = 0.1

// Beyond is the areas whose rate is above the scale: they stand on its upper
// edge, and whoever draws the chart says their rates in words.
func (p FunnelPlot) Beyond() []FunnelPoint {
	top := p.top()
	return slices.DeleteFunc(slices.Clone(p.Points), func(point FunnelPoint) bool { return point.Rate <= top })
}

// top is where the scale of rates ends. It holds the average, the home area,
// every area outside the outer limits, and every other that is not much smaller
// than most.
func (p FunnelPlot) top() float64 {
	highest := p.average()
	least := smallShare * p.middle()
	for _, point := range p.Points {
		if point.Home || point.Outside || point.Denominator >= least {
			highest = max(highest, point.Rate)
		}
	}
	if highest <= 0 {
		return 1
	}
	top := roundUp(1.15 * highest)
	if p.Measure.Interval == stats.Wilson {
		top = min(top, p.Measure.Per)
	}
	return top
}

// average is where the curve of the average is; 0 where there is none.
func (p FunnelPlot) average() float64 {
	for _, curve := range p.Curves {
		if curve.Kind == Average && len(curve.At) > 0 {
			return curve.At[0].Rate
		}
	}
	return 0
}

// middle is the median denominator.
func (p FunnelPlot) middle() float64 {
	var sizes []float64
	for _, point := range p.Points {
		sizes = append(sizes, point.Denominator)
	}
	if len(sizes) == 0 {
		return 0
	}
	slices.Sort(sizes)
	return sizes[len(sizes)/2]
}

// end is the largest denominator that a curve or a point has.
func (p FunnelPlot) end() float64 {
	end := 0.0
	for _, curve := range p.Curves {
		for _, at := range curve.At {
			end = max(end, at.Denominator)
		}
	}
	for _, point := range p.Points {
		end = max(end, point.Denominator)
	}
	return end
}

// roundUp is the next number up to which a scale has about four even steps.
func roundUp(n float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(n/4)))
	for _, step := range []float64{1, 2, 2.5, 5, 10} {
		if 4*step*unit >= n {
			return math.Ceil(n/(step*unit)) * step * unit
		}
	}
	return n
}
