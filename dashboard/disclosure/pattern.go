package disclosure

import (
	"hash/maphash"
	"math/bits"
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
	shown []uint64 // in order
	// starts is where in shown those begin whose first bits are each number, and
	// then the end: hashes are spread evenly, so that a few of them are left to
	// look among.
	starts []uint32
	shift  int
}

// NewPattern makes a pattern of what a publication decided.
func NewPattern(shown []Cell) *Pattern {
	p := &Pattern{seed: maphash.MakeSeed(), shown: make([]uint64, 0, len(shown))}
	for _, c := range shown {
		p.shown = append(p.shown, p.hash(c.Key, c.Value))
	}
	slices.Sort(p.shown)
	first := max(bits.Len(uint(len(p.shown)))-fewLeft, 0)
	p.shift = 64 - first
	p.starts = make([]uint32, 1<<first+1)
	for _, hash := range p.shown {
		p.starts[hash>>p.shift+1]++
	}
	for i := 1; i < len(p.starts); i++ {
		p.starts[i] += p.starts[i-1]
	}
	return p
}

// fewLeft is the bits of about how many hashes begin alike.
const fewLeft = 3

func (p *Pattern) hash(k stats.Key, value float64) uint64 {
	return maphash.Comparable(p.seed, version{k, value})
}

// Shows reports whether a count with that number is shown.
func (p *Pattern) Shows(k stats.Key, value float64) bool {
	hash := p.hash(k, value)
	begin := hash >> p.shift
	for _, shown := range p.shown[p.starts[begin]:p.starts[begin+1]] {
		if shown >= hash {
			return shown == hash
		}
	}
	return false
}
