package draw

import (
	"container/list"
	"crypto/sha256"
	"sync"
)

// kept is the drawings that were asked for last, up to a number of bytes.
type kept struct {
	most int

	mu     sync.Mutex
	bytes  int
	order  *list.List // of entries, the one asked for last in front
	places map[[sha256.Size]byte]*list.Element
}

type entry struct {
	key     [sha256.Size]byte
	drawing Drawing
	bytes   int
}

func newKept(most int) *kept {
	return &kept{most: most, order: list.New(), places: map[[sha256.Size]byte]*list.Element{}}
}

func (k *kept) get(key [sha256.Size]byte) (d Drawing, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	place, ok := k.places[key]
	if !ok {
		return d, false
	}
	k.order.MoveToFront(place)
	return place.Value.(entry).drawing, true
}

// overhead is about what an entry takes beside its drawing.
const overhead = 300

func (k *kept) put(key [sha256.Size]byte, d Drawing) {
	e := entry{key, d, overhead + len(d.Inside)}
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.places[key]; ok || e.bytes > k.most {
		return
	}
	k.places[key] = k.order.PushFront(e)
	for k.bytes += e.bytes; k.bytes > k.most; {
		last := k.order.Remove(k.order.Back()).(entry)
		delete(k.places, last.key)
		k.bytes -= last.bytes
	}
}
