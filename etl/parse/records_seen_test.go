package parse

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// TestSeenSet holds the set to a map, through many splits of its pages.
func TestSeenSet(t *testing.T) {
	s, want := newSeenSet(), map[uint64]fact{}
	r := rand.New(rand.NewPCG(1, 2))
	var key [8]byte
	for i := range 1_500_000 {
		id := r.Uint64N(1_000_000)
		binary.BigEndian.PutUint64(key[:], id)
		what := newFact(i%1900, i%12, i+2)
		h := s.hash(key[:])
		old, there := want[id]
		before, known := s.add(h, what)
		if known != there || before != old {
			t.Fatalf("add(%d) = %x, %v, want %x, %v", id, before, known, old, there)
		}
		if !there {
			want[id] = what
		}
		s.near(h)
	}
	slots := 0
	for _, part := range s.parts {
		if len(part.pages) < 4 {
			t.Fatalf("a part has only %d pages: nothing was split", len(part.pages))
		}
		for i, page := range part.pages {
			used := 0
			for _, slot := range page {
				if slot.rest != 0 {
					used++
				}
			}
			if used != int(part.used[i]) || used > pageFull {
				t.Fatalf("a page has %d slots in use and says %d", used, part.used[i])
			}
			slots += used
		}
	}
	if slots != len(want) {
		t.Errorf("%d slots in use for %d things", slots, len(want))
	}
}

// TestSeenSetMarks holds the flags of things to a map, through many splits.
func TestSeenSetMarks(t *testing.T) {
	s, want := newSeenSet(), map[uint64]int{}
	r := rand.New(rand.NewPCG(3, 4))
	var key [8]byte
	for i := range 600_000 {
		id, flag := r.Uint64N(200_000), 1<<r.IntN(4)
		binary.BigEndian.PutUint64(key[:], id)
		if marked := s.mark(s.hash(key[:]), newFact(i%1900, flag, i+2)); marked != (want[id]&flag != 0) {
			t.Fatalf("mark(%d, %d) is %v, and its flags were %d", id, flag, marked, want[id])
		}
		want[id] |= flag
	}
	for id, flags := range want {
		binary.BigEndian.PutUint64(key[:], id)
		if before, known := s.add(s.hash(key[:]), newFact(1, 0, 2)); !known || before.flags() != flags {
			t.Fatalf("%d is remembered with flags %d, want %d", id, before.flags(), flags)
		}
	}
}

// TestSeenSetTellsHashesApart: every one of the 96 bits counts.
func TestSeenSetTellsHashesApart(t *testing.T) {
	s := newSeenSet()
	base := seenHash{0x0123456789abcdef, 0xfedcba9876543210}
	hashes := []seenHash{base}
	for bit := range 64 {
		hashes = append(hashes, seenHash{base.first ^ 1<<bit, base.second})
	}
	for bit := range 64 {
		if bit < 24 || bit >= 56 {
			hashes = append(hashes, seenHash{base.first, base.second ^ 1<<bit})
		}
	}
	for i, h := range hashes {
		if _, known := s.add(h, newFact(1, 0, i+2)); known {
			t.Errorf("hash %d is taken for another", i)
		}
	}
	for i, h := range hashes {
		if before, known := s.add(h, newFact(1, 0, 1)); !known || before.row() != i+2 {
			t.Errorf("hash %d is remembered as row %d, %v", i, before.row(), known)
		}
	}
}

func TestFact(t *testing.T) {
	for _, tt := range []struct{ month, flags, row, want int }{
		{0, 0, 2, 2}, {1919, 15, 1<<25 - 2, 1<<25 - 2}, {2047, 10, mostRow, mostRow}, {5, 0, 1 << 40, mostRow},
	} {
		f := newFact(tt.month, tt.flags, tt.row)
		if f == 0 || f>>factBits != 0 || f.month() != tt.month || f.flags() != tt.flags || f.row() != tt.want {
			t.Errorf("%+v becomes month %d, flags %d, row %d", tt, f.month(), f.flags(), f.row())
		}
	}
}
