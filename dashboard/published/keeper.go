// Package published is the figures as the published audience has them. It
// works out once for each state of the tables what is hidden, keeps it, and
// hands out no figure that has not been through the gate.
package published

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// ErrNothing says that nothing was put before the published audience by then.
var ErrNothing = errors.New("nothing was published for this audience by then")

// A Keeper makes publications and remembers the patterns of the newest.
type Keeper struct {
	reader *query.Reader
	rules  disclosure.Rules
	now    func() time.Time
	log    *slog.Logger

	making   chan struct{} // has room for one: one publication is made at a time
	patterns map[string]*disclosure.Pattern
}

// NewKeeper makes a Keeper.
func NewKeeper(reader *query.Reader, rules disclosure.Rules, now func() time.Time, log *slog.Logger) *Keeper {
	return &Keeper{reader: reader, rules: rules, now: now, log: log, making: make(chan struct{}, 1), patterns: map[string]*disclosure.Pattern{}}
}

// mostPatterns is how many patterns are remembered: that of now, and some that
// permanent links and former reports ask for.
const mostPatterns = 8

// At is the publication that stands at a time, and what it shows. For Latest it
// is that of what is served now, made here if nobody has asked for it yet.
func (k *Keeper) At(ctx context.Context, at time.Time) (query.Publication, *disclosure.Pattern, error) {
	ctx = query.OneState(ctx) // what is decided must be of the state that it is kept under, whatever is loaded meanwhile
	select {
	case k.making <- struct{}{}:
		defer func() { <-k.making }()
	case <-ctx.Done():
		return query.Publication{}, nil, fmt.Errorf("wait until it is worked out what is hidden: %w", ctx.Err())
	}
	chain, last, err := k.including(ctx)
	if err != nil {
		return query.Publication{}, nil, err
	}
	if !at.IsZero() {
		last = -1
		for i, p := range chain { // one of an older state may have been saved after
			if !p.AsAt.After(at) && (last < 0 || !p.AsAt.Before(chain[last].AsAt)) {
				last = i
			}
		}
	}
	if last < 0 {
		return query.Publication{}, nil, ErrNothing
	}
	pattern, err := k.pattern(ctx, chain[:last+1])
	return chain[last], pattern, err
}

func lastOf(chain []query.Publication, is func(query.Publication) bool) int {
	for i, p := range slices.Backward(chain) {
		if is(p) {
			return i
		}
	}
	return -1
}

// mostTries is how often a publication is decided before its reader is told that
// others are always first.
const mostTries = 10

var errOvertaken = errors.New("other programs published each time while it was worked out what is hidden: try again")

// including is the chain with the publication of what is served now, and the place of
// that. One is served only after it was read back from the chain: where another
// program was first, what that one shows may be known already, and what is hidden is
// decided again with it. One that stands is never decided again, also where another
// followed on it: what it shows was shown.
func (k *Keeper) including(ctx context.Context) (chain []query.Publication, place int, err error) {
	moment, err := k.reader.Moment(ctx)
	if err != nil {
		return nil, 0, err
	}
	made, former, again := "", "", 0
	for try := 0; ; try++ {
		if chain, err = k.reader.Publications(ctx, k.rules); err != nil {
			return nil, 0, err
		}
		if made != "" && lastOf(chain, func(p query.Publication) bool { return p.ID == made }) < 0 {
			if newest(chain) == former {
				again++ // nobody else's stands: one that was lost is remembered
				k.log.WarnContext(ctx, "the database kept no publication, which is saved again", "publication", made)
			} else {
				again = 0
				k.log.InfoContext(ctx, "another program published first, and what was worked out counts for nothing", "publication", made)
			}
		}
		former = newest(chain)
		place = lastOf(chain, func(p query.Publication) bool { return p.Stamp == moment.Stamp })
		if place >= 0 {
			return chain, place, nil
		}
		if try == mostTries {
			return nil, 0, errOvertaken
		}
		// Whoever asked first may not wait that long: what is worked out is for all who ask.
		if made, err = k.publish(context.WithoutCancel(ctx), chain, moment, again); err != nil {
			return nil, 0, err
		}
	}
}

func (k *Keeper) pattern(ctx context.Context, chain []query.Publication) (*disclosure.Pattern, error) {
	id := chain[len(chain)-1].ID
	if p, ok := k.patterns[id]; ok {
		return p, nil
	}
	shown, err := k.reader.ShownCounts(ctx, chain)
	if err != nil {
		return nil, err
	}
	if len(k.patterns) >= mostPatterns {
		clear(k.patterns)
	}
	k.patterns[id] = disclosure.NewPattern(shown)
	return k.patterns[id], nil
}

// newest is the id of the publication at the end of a chain; empty where there is none.
func newest(chain []query.Publication) string {
	if len(chain) == 0 {
		return ""
	}
	return chain[len(chain)-1].ID
}

// publish works out what is hidden of what is served now, table by table, and
// saves it as the next of a chain, unless another program has been first. It says
// under which id.
func (k *Keeper) publish(ctx context.Context, chain []query.Publication, moment query.Moment, again int) (id string, err error) {
	began := k.now()
	changed, hidden, err := k.decide(ctx, chain)
	if err != nil {
		return "", fmt.Errorf("work out what must be hidden: %w", err)
	}
	made := k.now()
	// Two programs may save at the same microsecond: what each decided must stay apart.
	p := query.Publication{ID: fmt.Sprintf("%s-%016x-%s", made.UTC().Format("20060102T150405.000000"), moment.Stamp, strings.ToLower(rand.Text()[:8])), MadeAt: made, Moment: moment}
	p.Former = newest(chain)
	if again > 0 { // one that was being saved may stand by now
		if chain, err = k.reader.Publications(ctx, k.rules); err != nil || newest(chain) != p.Former {
			return p.ID, err
		}
	}
	if err := k.reader.SavePublication(ctx, p, k.rules, slices.Values(changed), again); err != nil {
		return "", err
	}
	k.log.InfoContext(ctx, "worked out what is hidden from the published audience", "publication", p.ID, "changed", len(changed), "hidden", hidden, "took", made.Sub(began))
	return p.ID, nil
}

// decide is what changes against the chain of publications.
func (k *Keeper) decide(ctx context.Context, chain []query.Publication) (changed []disclosure.Decision, hidden int, err error) {
	structure, measures, areas, err := k.structure(ctx)
	if err != nil {
		return nil, 0, err
	}
	served, err := k.reader.Served(ctx, query.Latest)
	if err != nil {
		return nil, 0, err
	}
	sources := map[string]bool{}
	for _, release := range served {
		sources[release.Source] = true
	}
	former, err := k.reader.PublishedSources(ctx, chain)
	if err != nil {
		return nil, 0, err
	}
	for _, source := range former {
		sources[source] = true // of one that serves nothing any more all is gone
	}
	var cells []disclosure.Cell
	var past []query.PastDecision
	for _, source := range slices.Sorted(maps.Keys(sources)) {
		served, err := k.counts(ctx, source, measures, areas)
		if err != nil {
			return nil, 0, err
		}
		decided, err := k.reader.Decisions(ctx, source, chain)
		if err != nil {
			return nil, 0, err
		}
		cells, past = append(cells, served...), append(past, decided...)
	}
	secret, err := k.reader.DisclosureSecret(ctx)
	if err != nil {
		return nil, 0, err
	}
	changed, hidden, err = tables{rules: k.rules, structure: structure, secret: secret}.decide(cells, past)
	if err != nil {
		return nil, 0, err
	}
	k.warnOfWithheld(ctx, changed)
	return changed, hidden, nil
}

// warnOfWithheld tells the log which measures of which sources are held back as a whole.
func (k *Keeper) warnOfWithheld(ctx context.Context, changed []disclosure.Decision) {
	type series struct{ source, measure string }
	told := map[series]bool{}
	for _, d := range changed {
		if s := (series{d.Source, d.Measure}); d.Reason == disclosure.Withheld && !told[s] {
			told[s] = true
			k.log.WarnContext(ctx, "no choice of hidden counts protects a measure: what hangs together with it is held back from the published audience until its figures change",
				"source", s.source, "measure", s.measure)
		}
	}
}

func (k *Keeper) structure(ctx context.Context) (disclosure.Structure, *stats.Measures, *stats.Areas, error) {
	measures, err := k.reader.Measures(ctx, query.Latest)
	if err != nil {
		return disclosure.Structure{}, nil, nil, err
	}
	areas, err := k.reader.Areas(ctx, query.Latest)
	if err != nil {
		return disclosure.Structure{}, nil, nil, err
	}
	structure := disclosure.Structure{Measures: measures}
	for _, force := range areas.Forces() {
		structure.Forces = append(structure.Forces, force.Code)
	}
	return structure, measures, areas, nil
}
