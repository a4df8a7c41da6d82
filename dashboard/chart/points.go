package chart

import (
	"slices"
	"time"

	"github.com/go-echarts/go-echarts/v2/opts"

	"stalkstats/internal/stats"
)

// values are the series' numbers, one for each period of the axis; nil, which
// JSON writes as null, where there is none: a gap and never a zero.
func (p Plot) values() []*float64 {
	values := make([]*float64, len(p.Periods))
	for i, period := range p.Periods {
		if f, ok := p.Series.At(period); ok && f.Value.Known {
			values[i] = &f.Value.Number
		}
	}
	return values
}

// segments cuts the values at the breaks and the accepted steps: each segment is
// as long as the axis and has numbers only between its two cuts.
func (p Plot) segments() [][]*float64 {
	values := p.values()
	cuts := append(p.cuts(), len(values))
	var segments [][]*float64
	from := 0
	for _, to := range cuts {
		segment := make([]*float64, len(values))
		copy(segment[from:to], values[from:to])
		segments = append(segments, segment)
		from = to
	}
	return segments
}

// cuts are the places of the first periods that begin on or after a break or an
// accepted step, where there are periods on both sides of it.
func (p Plot) cuts() []int {
	var cuts []int
	cut := func(day time.Time) {
		if i := p.place(day); i > 0 {
			cuts = append(cuts, i)
		}
	}
	for _, b := range p.Breaks {
		cut(b.Date)
	}
	for _, step := range p.Steps {
		if step.Cuts {
			cut(step.Date)
		}
	}
	slices.Sort(cuts)
	return slices.Compact(cuts)
}

// place is where on the axis a day falls: the first period that begins on or
// after it, -1 where it is later than all.
func (p Plot) place(day time.Time) int {
	return slices.IndexFunc(p.Periods, func(period stats.Period) bool { return !period.Start.Before(day) })
}

// Drawn is the breaks that a chart of p shows.
func (p Plot) Drawn() []stats.Break {
	var drawn []stats.Break
	for _, b := range p.Breaks {
		if p.place(b.Date) > 0 {
			drawn = append(drawn, b)
		}
	}
	return drawn
}

// lineData marks every point of a large chart. On a small one only those that
// no line would show, because both neighbours are gaps, and the last.
// A marked point has its mark instead.
func (p Plot) lineData(values []*float64) []opts.LineData {
	data := make([]opts.LineData, len(values))
	known := func(i int) bool { return i >= 0 && i < len(values) && values[i] != nil }
	for i, v := range values {
		data[i] = opts.LineData{Value: v}
		alone := !known(i-1) && !known(i+1)
		marked := slices.ContainsFunc(p.Marks, func(m Mark) bool { return m.Place == i })
		if marked || p.Size == Small && !alone && i != len(values)-1 {
			data[i].Symbol = "none"
		}
	}
	return data
}

func barData(values []*float64) []opts.BarData {
	data := make([]opts.BarData, len(values))
	for i, v := range values {
		data[i] = opts.BarData{Value: v}
	}
	return data
}
