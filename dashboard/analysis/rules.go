package analysis

// mark finds the special causes of a phase. The rules go from the last in
// precedence to the first, so that each writes over those that yield to it.
func (c *ControlChart) mark(p Phase) {
	c.markRuns(p, OneSide, func(place int) Side { return p.side(c.value(place)) }, 0)
	c.markTwoOfThree(p)
	c.markRuns(p, Trend, func(place int) Side {
		if place == p.First || !c.Points[place-1].Known {
			return 0
		}
		return beyond(c.value(place), c.value(place-1), c.value(place-1))
	}, 1)
	c.markRuns(p, OutsideLimits, func(place int) Side { return p.outside(c.value(place)) }, 0)
}

func (c *ControlChart) set(place int, rule Rule, side Side, from, to int) {
	point := &c.Points[place]
	point.Rule, point.Side, point.From, point.To = rule, side, from, to
}

// markRuns marks every point of the runs of seven and more whose places are
// all of one side; outside the limits one is enough. A trend's run starts `before` places earlier than its first
// rise or fall. The point where a rise of seven turns into a fall of seven is
// one of the fall.
func (c *ControlChart) markRuns(p Phase, rule Rule, sideOf func(place int) Side, before int) {
	for from := p.First; from <= p.Last; {
		side, to := Side(0), from
		if c.Points[from].Known {
			side = sideOf(from)
		}
		for to < p.Last && c.Points[to+1].Known && sideOf(to+1) == side {
			to++
		}
		if start := from - before; side != 0 && to-start+1 >= fewest(rule) {
			for place := start; place <= to; place++ {
				c.set(place, rule, side, start, to)
			}
		}
		from = to + 1
	}
}

// fewest is the points that make a run.
func fewest(rule Rule) int {
	if rule == OutsideLimits {
		return 1
	}
	return runLength
}

// markTwoOfThree marks the points near a limit, where at least two of three in
// a row are and all three are on that side of the average. Threes that share
// periods are one cause, from the first of them to the last.
func (c *ControlChart) markTwoOfThree(p Phase) {
	for _, side := range []Side{Below, Above} {
		from, to := p.First, p.First-1 // of the threes so far; none yet
		for first := p.First; first+2 <= p.Last; first++ {
			if len(c.nearIn(p, first, first+2, side)) < 2 {
				continue
			}
			if first > to {
				from = first
			}
			to = first + 2
			for _, place := range c.nearIn(p, from, to, side) {
				c.set(place, TwoOfThree, side, from, to)
			}
		}
	}
}

// nearIn is the places near the limit of one side among some in a row; none
// where one of them is a gap or not on that side of the average.
func (c ControlChart) nearIn(p Phase, from, to int, side Side) []int {
	var near []int
	for place := from; place <= to; place++ {
		if !c.Points[place].Known || p.side(c.value(place)) != side {
			return nil
		}
		if p.near(c.value(place)) == side {
			near = append(near, place)
		}
	}
	return near
}
