package stats

// A Total is a figure and the sum of what it should be made of in its file.
type Total struct {
	Key
	Number, Parts float64
	Of            string // the breakdown whose values the parts are; empty for shorter periods
	Row           int    // of the total
}

// A Jump is a figure and what it was before: as it is served, or in the same
// days of the year before.
type Jump struct {
	Key
	Before, Now float64
	Than        Period // of the figure before; the same period where it is the one that is served
	Row         int
}

// Losses is what a release would take away of what is served.
type Losses struct {
	Served  uint64 // figures served in the slices that it replaces, by measure, area and period
	Figures uint64 // those of them that it does not hold, or only as a marker
	Zeros   uint64 // those of them that were more and become 0
	// Measure and Period are one whole period of a measure, with figures of
	// many areas, that it does not hold at all; the zero Period if there is none.
	Measure string
	Period  Period
}
