package query

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"stalkstats/internal/stats"
)

// mostKept is how many figures are kept of one state, which is some hundred
// megabytes at most.
const mostKept = 300_000

// mostTogether is how many figures of all areas are read at once because two were
// asked for.
const mostTogether = 150_000

// mostAtOnce is how many figures a page may ask for, which is some hundreds of
// megabytes: many readers of a page that asks for all would take the machine.
const mostAtOnce = 500_000

// keptFigures is the answers to filters that were asked for of one state. What
// is asked for over and over, as by every reader of one force's page, is read
// once after each publication. What is asked for of a second area is read of all
// of them: a question costs the engine more than its rows do.
type keptFigures struct {
	mu      sync.Mutex
	answers map[string][]stats.Figure
	figures int
	asked   map[string]int // of how many areas a filter without them was asked, or tooMany
}

// tooMany marks a filter whose figures of all areas are too many to keep.
const tooMany = -1

func (k *keptFigures) get(filter string) ([]stats.Figure, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	figures, ok := k.answers[filter]
	return figures, ok
}

// put keeps an answer. Where there is no room for it all others are forgotten;
// one that would fill the room alone is not kept.
func (k *keptFigures) put(filter string, figures []stats.Figure) {
	if len(figures) > mostKept/2 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.answers == nil || k.figures+len(figures) > mostKept {
		k.answers, k.figures = map[string][]stats.Figure{}, 0
	}
	if _, ok := k.answers[filter]; !ok {
		k.answers[filter] = figures
		k.figures += len(figures)
	}
}

// again notes that a filter is asked of an area, and reports whether it was asked
// of another before and may be asked of all.
func (k *keptFigures) again(shape string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.asked == nil || len(k.asked) > mostAnswers {
		k.asked = map[string]int{}
	}
	if k.asked[shape] == tooMany {
		return false
	}
	k.asked[shape]++
	return k.asked[shape] > 1
}

func (k *keptFigures) never(shape string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked[shape] = tooMany
}

func (f Filter) key() string {
	return fmt.Sprintf("%q %q %q %v %v %v %t %q %q %q %t", f.Measures, f.Areas, f.Sources, f.From, f.To, f.AsAt, f.Totals, f.Breakdown, f.National, f.Start, f.Bare)
}

// AllFigures is the figures of a filter, read to the end. What is asked for of
// the same state again is answered from memory, so the caller must not change
// them. More than mostAtOnce are an error: they are for Figures, which streams.
//
// England and Wales beside a force is asked for by itself: its sums are of all
// forces, and the same beside each of them.
func (r *Reader) AllFigures(ctx context.Context, f Filter) ([]stats.Figure, error) {
	ctx = OneState(ctx)
	others := slices.DeleteFunc(slices.Clone(f.Areas), func(area string) bool { return area == stats.EnglandAndWales })
	if len(others) == 0 || len(others) == len(f.Areas) {
		return r.allOf(ctx, f)
	}
	national, own := f, f
	national.Areas, own.Areas, own.National = []string{stats.EnglandAndWales}, others, nil
	sums, err := r.allOf(ctx, national)
	if err != nil {
		return nil, err
	}
	figures, err := r.allOf(ctx, own)
	if err != nil {
		return nil, err
	}
	all := make([]stats.Figure, len(figures)+len(sums)) // both are in order: to sort them took a quarter of the time of a page
	mergeRuns(all, figures, sums, func(a, b stats.Figure) int { return stats.CompareKeys(a.Key, b.Key) })
	return all, nil
}

// allOf is the figures of a filter whose sums and areas are not asked apart.
func (r *Reader) allOf(ctx context.Context, f Filter) ([]stats.Figure, error) {
	s, err := r.state(ctx, f.AsAt)
	if err != nil {
		return nil, err
	}
	get := func() ([]stats.Figure, bool) { return s.figures.get(f.key()) }
	if figures, ok := get(); ok {
		return figures, nil
	}
	if len(f.Areas) == 1 && f.Areas[0] != stats.EnglandAndWales {
		if shape := f.of(nil).key(); s.figures.again(shape) {
			if figures, ok, err := r.ofEveryArea(ctx, s, f, shape); ok || err != nil {
				return figures, err
			}
		}
	}
	return together(ctx, &s.asking, f.key(), get, func() ([]stats.Figure, error) {
		figures, err := r.read(ctx, f, mostAtOnce)
		if errors.Is(err, errTooMany) {
			return nil, fmt.Errorf("a page asks for more than %d figures: %s", mostAtOnce, f.key())
		}
		if err == nil {
			s.figures.put(f.key(), figures)
		}
		return figures, err
	})
}

// of is the filter of other areas.
func (f Filter) of(areas []string) Filter {
	f.Areas = areas
	return f
}

var errTooMany = errors.New("too many figures")

func (r *Reader) read(ctx context.Context, f Filter, most int) ([]stats.Figure, error) {
	var figures []stats.Figure
	for figure, err := range r.Figures(ctx, f) {
		if err != nil {
			return nil, err
		}
		if len(figures) == most {
			return nil, errTooMany
		}
		figures = append(figures, figure)
	}
	return figures, nil
}

// ofEveryArea reads the figures of all areas and keeps those of each; ok is false
// where they are too many.
func (r *Reader) ofEveryArea(ctx context.Context, s *state, f Filter, shape string) (figures []stats.Figure, ok bool, err error) {
	areas, err := r.Areas(ctx, f.AsAt)
	if err != nil {
		return nil, false, err
	}
	var codes []string
	for _, a := range areas.All() {
		if a.Code != "" && a.Code != stats.EnglandAndWales {
			codes = append(codes, a.Code)
		}
	}
	if !slices.Contains(codes, f.Areas[0]) {
		return nil, false, nil
	}
	byArea, err := together(ctx, &s.asking, "every area "+shape, func() (map[string][]stats.Figure, bool) { return nil, false },
		func() (map[string][]stats.Figure, error) {
			all, err := r.read(ctx, f.of(codes), mostTogether)
			if err != nil {
				return nil, err
			}
			byArea := map[string][]stats.Figure{}
			for _, figure := range all {
				byArea[figure.Area] = append(byArea[figure.Area], figure)
			}
			for _, code := range codes {
				s.figures.put(f.of([]string{code}).key(), byArea[code])
			}
			return byArea, nil
		})
	if errors.Is(err, errTooMany) {
		s.figures.never(shape)
		return nil, false, nil
	}
	return byArea[f.Areas[0]], err == nil, err
}
