package parse

import "hash/maphash"

// A seenSet remembers which things were counted already, by a hash of their
// identifiers and never by the identifiers. The two seeds are made anew for
// each file and kept nowhere, so the hashes lead back to nobody and cannot be
// compared with those of another file.
//
// 96 bits of hash tell two things apart: 8 choose the part, 88 are stored. Of
// ten million things two share all 96 with a probability of about 6 in 10 to
// the power of 16; only then would one go uncounted.
//
// Each of the 256 parts is a directory of pages. A full page is split in two
// in place, so growing never copies the whole set and leaves no garbage.
type seenSet struct {
	first, second maphash.Seed
	parts         [256]seenPart
}

// A seenHash is the hash of one thing's identifiers.
type seenHash struct{ first, second uint64 }

// ofOrder is the hash of an order: no identifier, whatever it is, can make it that of a
// person or of a breach.
func (h seenHash) ofOrder() seenHash { return seenHash{h.first, h.second ^ 1} }

type seenPart struct {
	directory []uint32 // 2^depth places, by the leading bits of first: which page
	depth     uint8
	pages     []*seenPage
	used      []uint16 // how many slots of each page
	shared    []uint8  // how many leading bits the hashes of each page share
}

const (
	pageSlots = 512
	pageFull  = pageSlots * 85 / 100
)

type seenPage [pageSlots]seenSlot

// A seenSlot is empty where rest is 0, which no slot in use is: a row number
// is part of it.
type seenSlot struct {
	hash uint64
	rest uint64 // 24 more bits of hash, then 40 bits of fact
}

const factBits = 40

// A fact is what is remembered of a thing beside its hash: 40 bits, not 0.
type fact uint64

// mostRow bounds the rows that can be named later; a later row counts as well
// and is only not named.
const (
	rowBits = 25
	mostRow = 1<<rowBits - 1
)

// newFact packs a month (an index under 2048), up to 4 bits of flags and the row.
func newFact(month, flags, row int) fact {
	return fact(month)<<(rowBits+4) | fact(flags)<<rowBits | fact(min(row, mostRow))
}

func (f fact) month() int { return int(f >> (rowBits + 4)) }
func (f fact) flags() int { return int(f>>rowBits) & 15 }
func (f fact) row() int   { return int(f & mostRow) }

func newSeenSet() *seenSet {
	return &seenSet{first: maphash.MakeSeed(), second: maphash.MakeSeed()}
}

func (s *seenSet) hash(key []byte) seenHash {
	return seenHash{maphash.Bytes(s.first, key), maphash.Bytes(s.second, key)}
}

// at is the part that a hash belongs to, and the number of its page there.
func (s *seenSet) at(h seenHash) (part *seenPart, page uint32) {
	part = &s.parts[h.second>>56]
	if part.pages == nil {
		*part = seenPart{directory: []uint32{0}, pages: []*seenPage{new(seenPage)}, used: []uint16{0}, shared: []uint8{0}}
	}
	// A shift by 64 gives 0, which is the one place of a directory of depth 0.
	return part, part.directory[h.first>>(64-part.depth)]
}

// near reads from where the hash would stand. Asking for many hashes one after
// the other brings them near the processor together; each alone would be
// waited for.
func (s *seenSet) near(h seenHash) uint64 {
	part, number := s.at(h)
	return part.pages[number][h.first%pageSlots].hash
}

// add remembers the hash with its fact. Where the hash is there already it is
// left as it is and its fact comes back.
func (s *seenSet) add(h seenHash, what fact) (before fact, known bool) {
	_, before, known = s.put(h, what)
	return before, known
}

// mark remembers the hash with its fact, and reports whether one was there that had
// all the flags; else they are added to it.
func (s *seenSet) mark(h seenHash, what fact) (marked bool) {
	slot, before, known := s.put(h, what)
	if known && before.flags()|what.flags() != before.flags() {
		slot.rest |= uint64(what.flags()) << rowBits
		return false
	}
	return known
}

// put remembers the hash with its fact where it is not there already, and is the slot
// in which it stands until the next put.
func (s *seenSet) put(h seenHash, what fact) (slot *seenSlot, before fact, known bool) {
	rest := h.second<<factBits | uint64(what)
	for {
		part, number := s.at(h)
		slot, taken := part.pages[number].find(h.first, rest>>factBits)
		switch {
		case taken:
			return slot, fact(slot.rest & (1<<factBits - 1)), true
		case part.used[number] < pageFull:
			*slot = seenSlot{h.first, rest}
			part.used[number]++
			return slot, 0, false
		}
		part.split(number, h.first)
	}
}

// find is the slot of a hash, or the empty one where it would stand.
func (p *seenPage) find(hash, more uint64) (slot *seenSlot, taken bool) {
	for i := hash % pageSlots; ; i = (i + 1) % pageSlots {
		slot := &p[i]
		if slot.rest == 0 {
			return slot, false
		}
		if slot.hash == hash && slot.rest>>factBits == more {
			return slot, true
		}
	}
}

// split makes two pages of the full one that the hash belongs to.
func (p *seenPart) split(number uint32, hash uint64) {
	if p.shared[number] == p.depth {
		wider := make([]uint32, 0, 2*len(p.directory))
		for _, page := range p.directory {
			wider = append(wider, page, page)
		}
		p.directory, p.depth = wider, p.depth+1
	}
	p.shared[number]++
	bits := p.shared[number]
	upper := uint32(len(p.pages))
	p.pages, p.used, p.shared = append(p.pages, new(seenPage)), append(p.used, 0), append(p.shared, bits)
	old := *p.pages[number]
	*p.pages[number], p.used[number] = seenPage{}, 0
	for _, slot := range old {
		if slot.rest == 0 {
			continue
		}
		to := number
		if slot.hash>>(64-bits)&1 == 1 {
			to = upper
		}
		free, _ := p.pages[to].find(slot.hash, slot.rest>>factBits)
		*free = slot
		p.used[to]++
	}
	// The page stands at all places that begin with its bits; those with a
	// further 1 are now the new page's.
	span := uint64(1) << (p.depth - bits)
	start := (hash>>(64-bits) | 1) * span
	for i := start; i < start+span; i++ {
		p.directory[i] = upper
	}
}
