package chart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// How large the marks of areas are drawn, in CSS pixels.
const (
	insideSize      = 8
	outsideSize     = 13
	aboveSize       = 11
	homeSize        = 14
	homeOutsideSize = 18
)

// curveNames puts the name of each curve beside its right end. One that has left the
// scale has none.
func (p FunnelPlot) curveNames() []word {
	var ends []Curve
	var heights []float64
	for _, curve := range p.Curves {
		if !curve.Labelled || len(curve.At) == 0 || curve.At[len(curve.At)-1].Rate > p.top() {
			continue
		}
		ends, heights = append(ends, curve), append(heights, curve.At[len(curve.At)-1].Rate)
	}
	var names []word
	for i, height := range spread(heights, p.top()) {
		names = append(names, inMargin(ends[i].Name, ends[i].At[len(ends[i].At)-1].Denominator, height, ink))
	}
	return names
}

// homeNames puts the name of the home area above the plot, at its pointer, on the side
// that has more room where the chart is narrowest. A name that is longer than that is
// cut: the page and the chart's own answer have it in full.
func (p FunnelPlot) homeNames() []word {
	narrowest := p.ground(Narrow)
	var names []word
	for _, point := range p.Points {
		if !point.Home {
			continue
		}
		at, _ := narrowest.at(point)
		left, right := at, float64(Narrow.Width)-at
		name := newWord(shortened(point.Name, max(left, right)-homeNear), []any{point.Denominator, p.top()}, []float64{-homeNear, 0}, colours[0])
		if name.Label.Align = "left"; left > right {
			name.Label.Align, name.Label.Position = "right", []float64{homeNear, 0}
		}
		name.Y, name.Label.VerticalAlign = homeName, "middle"
		names = append(names, name)
	}
	return names
}

// homeNear is how far the name of the home area reaches over its pointer.
const homeNear = 3

// shortened is a text that takes no more room than there is, and shows where it is cut.
func shortened(text string, room float64) string {
	if textWidth(text) <= room {
		return text
	}
	letters := []rune(text)
	return strings.TrimRight(string(letters[:max(0, int(room/letter)-1)]), " ,(") + "…"
}

// A side of a mark, on which a name may stand.
var sides = []string{"right", "left", "top", "bottom"}

// outsideNames names the areas outside the outer limits, those that are furthest from
// the average first. A name stands only where it covers nothing at any width that the
// chart may have; an area for whose name there is no such place has none, and is named
// in the words beside the chart.
func (p FunnelPlot) outsideNames() []word {
	var outside []FunnelPoint
	for _, point := range p.Points {
		if point.Outside && !point.Home {
			outside = append(outside, point)
		}
	}
	slices.SortStableFunc(outside, func(a, b FunnelPoint) int {
		return cmp.Compare(math.Abs(b.Rate-p.average()), math.Abs(a.Rate-p.average()))
	})
	grounds := p.grounds()
	var names []word
	for _, point := range outside {
		side, ok := freeSide(grounds, point)
		if !ok {
			continue
		}
		for i := range grounds {
			grounds[i].taken = append(grounds[i].taken, grounds[i].nameAt(point, side))
		}
		name := newWord(point.Name, []any{point.Denominator, point.Rate}, side, ink)
		name.Label.Distance = nameDistance
		names = append(names, name)
	}
	return names
}

// nameDistance is how far a name is from the middle of its mark.
const nameDistance = outsideSize/2 + 3

func freeSide(grounds []ground, point FunnelPoint) (string, bool) {
	for _, side := range sides {
		if !slices.ContainsFunc(grounds, func(g ground) bool { return !g.free(g.nameAt(point, side)) }) {
			return side, true
		}
	}
	return "", false
}

// A box is a part of a drawing, in CSS pixels.
type box struct{ left, top, right, bottom float64 }

func (b box) meets(other box) bool {
	return b.left < other.right && other.left < b.right && b.top < other.bottom && other.top < b.bottom
}

// A ground is the plot of a funnel in one size, and what is taken of it.
type ground struct {
	plot     box
	end, top float64 // of the scales
	taken    []box
}

// funnelSizes are the sizes that a funnel is drawn in.
var funnelSizes = []Size{Narrow, Middle, Full}

// grounds is where in each size the marks are, and the line to the name of the home area.
func (p FunnelPlot) grounds() []ground {
	var all []ground
	for _, size := range funnelSizes {
		g := p.ground(size)
		for _, point := range p.Points {
			x, y := g.at(point)
			half := 1 + float64(p.sizeOf(point))/2
			g.taken = append(g.taken, box{x - half, y - half, x + half, y + half})
			if point.Home {
				g.taken = append(g.taken, box{x - 2, g.plot.top, x + 2, y})
			}
		}
		all = append(all, g)
	}
	return all
}

// ground is the plot in a size, with nothing on it.
func (p FunnelPlot) ground(size Size) ground {
	scale := textWidth(fmt.Sprint(p.top())) + 12
	return ground{plot: box{scale, funnelTop, float64(size.Width) - nameMargin, float64(size.Height) - funnelBottom - 22}, end: p.end(), top: p.top()}
}

func (p FunnelPlot) sizeOf(point FunnelPoint) int {
	switch {
	case point.Home && point.Outside:
		return homeOutsideSize
	case point.Home:
		return homeSize
	case point.Outside:
		return outsideSize
	case point.Rate > p.top():
		return aboveSize
	}
	return insideSize
}

// at is where a point stands; one above the scale stands on its edge.
func (g ground) at(point FunnelPoint) (x, y float64) {
	x = g.plot.left + (g.plot.right-g.plot.left)*point.Denominator/g.end
	y = g.plot.bottom - (g.plot.bottom-g.plot.top)*math.Min(point.Rate, g.top)/g.top
	return x, y
}

func (g ground) nameAt(point FunnelPoint, side string) box {
	x, y := g.at(point)
	width, near := textWidth(point.Name), float64(nameDistance)
	switch side {
	case "right":
		return box{x + near, y - textHeight/2, x + near + width, y + textHeight/2}
	case "left":
		return box{x - near - width, y - textHeight/2, x - near, y + textHeight/2}
	case "top":
		return box{x - width/2, y - near - textHeight, x + width/2, y - near}
	}
	return box{x - width/2, y + near, x + width/2, y + near + textHeight}
}

// free reports whether a name covers nothing there, and stays within the plot.
func (g ground) free(name box) bool {
	if name.left < g.plot.left || name.right > g.plot.right || name.top < g.plot.top || name.bottom > g.plot.bottom {
		return false
	}
	return !slices.ContainsFunc(g.taken, name.meets)
}
