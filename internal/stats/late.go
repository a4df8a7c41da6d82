package stats

import "time"

// A FreshLimit is how old what a source serves may be. A length of 0 sets no
// limit.
type FreshLimit struct {
	Fetched time.Duration // since its newest served file was fetched
	Covers  time.Duration // since the end of the last day that its figures cover
}

// Set reports whether there is any limit.
func (l FreshLimit) Set() bool { return l.Fetched > 0 || l.Covers > 0 }

// A Lateness is from when on a source was late, and for how long by now.
type Lateness struct {
	Since   time.Time
	By      time.Duration
	Figures bool // its figures end too early, whenever its file was fetched
}

// Late is the one rule of lateness. Fetched is when the newest served file was
// fetched, covers the last day that the served figures cover. Where it serves no
// figure, the limit of what it covers counts from fetched: a file without
// figures makes nothing newer. Of two limits that are past, the one counts that
// has been for longer. What serves nothing is not judged here: fetched is not zero.
func (l FreshLimit) Late(fetched, covers, now time.Time) (Lateness, bool) {
	ends := fetched
	if !covers.IsZero() {
		ends = covers.AddDate(0, 0, 1)
	}
	file, figures := lateSince(fetched, l.Fetched, now), lateSince(ends, l.Covers, now)
	figures.Figures = true
	if figures.By >= file.By && figures.By > 0 {
		return figures, true
	}
	return file, file.By > 0
}

func lateSince(from time.Time, within time.Duration, now time.Time) Lateness {
	if within == 0 {
		return Lateness{}
	}
	due := from.Add(within)
	return Lateness{Since: due, By: now.Sub(due)}
}
