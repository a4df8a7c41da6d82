// Package lately keeps what was asked for last, up to a number of bytes.
package lately

import (
	"container/list"
	"sync"
)

// Asked is what was asked for last, by key. It is safe for concurrent use.
type Asked[K comparable, V any] struct {
	most int

	mu     sync.Mutex
	bytes  int
	order  *list.List // of entries, the one asked for last in front
	places map[K]*list.Element
}

type entry[K comparable, V any] struct {
	key   K
	value V
	bytes int
}

// overhead is about how many bytes an entry takes beside its value.
const overhead = 300

// New keeps at most so many bytes.
func New[K comparable, V any](most int) *Asked[K, V] {
	return &Asked[K, V]{most: most, order: list.New(), places: map[K]*list.Element{}}
}

// Get is what is kept under a key.
func (a *Asked[K, V]) Get(key K) (v V, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	place, ok := a.places[key]
	if !ok {
		return v, false
	}
	a.order.MoveToFront(place)
	return place.Value.(entry[K, V]).value, true
}

// Put keeps a value of so many bytes in place of what was kept under its key. What
// was not asked for longest goes; a value larger than all that may be kept is not
// kept.
func (a *Asked[K, V]) Put(key K, v V, bytes int) {
	e := entry[K, V]{key, v, overhead + bytes}
	a.mu.Lock()
	defer a.mu.Unlock()
	if former, ok := a.places[key]; ok {
		a.forget(former)
	}
	if e.bytes > a.most {
		return
	}
	a.places[key] = a.order.PushFront(e)
	for a.bytes += e.bytes; a.bytes > a.most; {
		a.forget(a.order.Back())
	}
}

func (a *Asked[K, V]) forget(place *list.Element) {
	e := a.order.Remove(place).(entry[K, V])
	delete(a.places, e.key)
	a.bytes -= e.bytes
}
