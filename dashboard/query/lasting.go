package query

import (
	"maps"
	"slices"
	"sync"
)

// lasting is what is known of releases and runs for good: which counts a release
// has, and which figures a run changed, since neither changes once it serves. A
// new release is asked for itself alone.
type lasting struct {
	mu       sync.Mutex
	holdings holdings
	revised  revised
}

// knownOf is what is known of some ids, and which are not known. What is known of
// others is forgotten, since they serve no more.
func knownOf[T any](known map[string]T, ids []string) (of map[string]T, missing []string) {
	of = map[string]T{}
	for _, id := range ids {
		if v, ok := known[id]; ok {
			of[id] = v
		} else {
			missing = append(missing, id)
		}
	}
	return of, missing
}

// each of the ids that slices serve, once.
func idsServed(all []servedSlice, id func(servedSlice) string) []string {
	found := map[string]bool{}
	for _, v := range all {
		found[id(v)] = true
	}
	return slices.Sorted(maps.Keys(found))
}
