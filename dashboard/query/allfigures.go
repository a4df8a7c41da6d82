package query

import (
	"context"
	"fmt"
	"sync"

	"stalkstats/internal/stats"
)

// mostKept is how many figures are kept of one state, which is some tens of
// megabytes.
const mostKept = 100_000

// mostAtOnce is how many figures a page may ask for, which is some hundreds of
// megabytes: many readers of a page that asks for all would take the machine.
const mostAtOnce = 500_000

// keptFigures is the answers to filters that were asked for of one state. What
// is asked for over and over, as by every reader of one force's page, is read
// once after each publication.
type keptFigures struct {
	mu      sync.Mutex
	answers map[string][]stats.Figure
	figures int
}

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

// AllFigures is the figures of a filter, read to the end. What is asked for of
// the same state again is answered from memory, so the caller must not change
// them. More than mostAtOnce are an error: they are for Figures, which streams.
func (r *Reader) AllFigures(ctx context.Context, f Filter) ([]stats.Figure, error) {
	ctx = OneState(ctx)
	s, err := r.state(ctx, f.AsAt)
	if err != nil {
		return nil, err
	}
	filter := fmt.Sprintf("%q %q %q %v %v %v %t %q %q", f.Measures, f.Areas, f.Sources, f.From, f.To, f.AsAt, f.Totals, f.Breakdown, f.National)
	if figures, ok := s.figures.get(filter); ok {
		return figures, nil
	}
	var figures []stats.Figure
	for figure, err := range r.Figures(ctx, f) {
		if err != nil {
			return nil, err
		}
		if len(figures) == mostAtOnce {
			return nil, fmt.Errorf("a page asks for more than %d figures: %s", mostAtOnce, filter)
		}
		figures = append(figures, figure)
	}
	s.figures.put(filter, figures)
	return figures, nil
}
