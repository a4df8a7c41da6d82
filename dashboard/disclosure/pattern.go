package disclosure

import (
	"hash/maphash"
	"slices"

	"stalkstats/internal/stats"
)

// A Pattern is the counts that a publication shows. It holds eight bytes of
// each, so that a report of millions of rows is as quick as any: what is not in
// it is hidden, and so is a count that is in it with another number. That a
// hidden count is taken for a shown one is less likely than one in 2⁴⁰ for a
// publication of ten million.
type Pattern struct {
	seed  maphash.Seed
	shown []uint64
}

// NewPattern makes a pattern of what a publication decided.
func NewPattern(shown []Cell) *Pattern {
	p := &Pattern{seed: maphash.MakeSeed(), shown: make([]uint64, 0, len(shown))}
	for _, c := range shown {
		p.shown = append(p.shown, p.hash(c.Key, c.Value))
	}
	slices.Sort(p.shown)
	return p
}

func (p *Pattern) hash(k stats.Key, value float64) uint64 {
	return maphash.Comparable(p.seed, version{k, value})
}

// Shows reports whether a count with that number is shown.
func (p *Pattern) Shows(k stats.Key, value float64) bool {
	_, found := slices.BinarySearch(p.shown, p.hash(k, value))
	return found
}
