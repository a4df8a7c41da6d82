package published

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"

	"stalkstats/dashboard/analysis"
	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// longer is the kinds of period that are added up and hidden by themselves: a
// year may be shown where its months may not. Rolling years are none of them:
// they are added up of what is shown.
var longer = []stats.PeriodKind{stats.KindMonth, stats.KindQuarter, stats.KindFinancialYear, stats.KindCalendarYear}

// withLonger adds to the figures of one measure those of longer periods, worked
// out of complete parts.
func withLonger(figures []stats.Figure, measures *stats.Measures, areas *stats.Areas) []stats.Figure {
	all := slices.Clone(figures)
	for _, series := range analysis.Group(figures, measures, areas) {
		for _, kind := range longer {
			for _, f := range analysis.Combine(series, kind).Figures {
				if _, there := series.At(f.Period); !there {
					all = append(all, f)
				}
			}
		}
	}
	return all
}

// counts is every count that a source serves, with those of longer periods.
func (k *Keeper) counts(ctx context.Context, source string, measures *stats.Measures, areas *stats.Areas) ([]disclosure.Cell, error) {
	filter := query.Filter{Sources: []string{source}, Measures: decidedOn(measures)}
	if len(filter.Measures) == 0 { // which would ask for all
		return nil, nil
	}
	var cells []disclosure.Cell
	for group, err := range groups(k.reader.Figures(ctx, filter)) {
		if err != nil {
			return nil, err
		}
		for _, f := range withLonger(group, measures, areas) {
			if f.Value.Known {
				cells = append(cells, cellOf(f))
			}
		}
	}
	return cells, nil
}

// decidedOn is the measures whose counts are shown or hidden by a decision: not rates and
// medians, nor what tells that a document is there, which no person stands behind.
func decidedOn(measures *stats.Measures) (all []string) {
	for _, m := range measures.All() {
		if !m.Derived() && m.AddsUp != stats.OverNothing && !m.OfDocument() {
			all = append(all, m.ID)
		}
	}
	return all
}

// groups is figures by measure, area, source and basis, as they come. A group is
// used again for the next.
func groups(figures iter.Seq2[stats.Figure, error]) iter.Seq2[[]stats.Figure, error] {
	alike := func(a, b stats.Key) bool {
		return a.Measure == b.Measure && a.Area == b.Area && a.Source == b.Source && a.Basis == b.Basis
	}
	return func(yield func([]stats.Figure, error) bool) {
		var group []stats.Figure
		for f, err := range figures {
			if err != nil {
				yield(nil, err)
				return
			}
			if len(group) > 0 && !alike(group[0].Key, f.Key) {
				if !yield(group, nil) {
					return
				}
				group = group[:0]
			}
			group = append(group, f)
		}
		if len(group) > 0 {
			yield(group, nil)
		}
	}
}

func cellOf(f stats.Figure) disclosure.Cell {
	c := disclosure.Cell{Key: f.Key, Value: f.Value.Number}
	if len(f.Origins) == 1 {
		c.Origin = f.Origins[0]
	}
	return c
}

// tables decides on counts. Those of a force's own files are one table: two of them may
// count the same, and what one hides the other must not show. Each basis of a source of
// open data is a table of its own.
type tables struct {
	rules     disclosure.Rules
	structure disclosure.Structure
	secret    string
}

type tableName struct{ source, basis string }

func tableOf(k stats.Key) tableName {
	if !stats.OpenData(k.Source) {
		return tableName{}
	}
	return tableName{k.Source, k.Basis}
}

// decide decides on all that is served, knowing what every publication changed.
func (t tables) decide(cells []disclosure.Cell, past []query.PastDecision) (changed []disclosure.Decision, hidden int, err error) {
	now, before := map[tableName][]disclosure.Cell{}, map[tableName][]query.PastDecision{}
	for _, c := range cells {
		now[tableOf(c.Key)] = append(now[tableOf(c.Key)], c)
	}
	for _, d := range past {
		name := tableOf(d.Key)
		before[name] = append(before[name], d)
		if _, there := now[name]; !there {
			now[name] = nil // all of it is gone
		}
	}
	byName := func(a, b tableName) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.basis, b.basis))
	}
	for _, name := range slices.SortedFunc(maps.Keys(now), byName) {
		slices.SortStableFunc(before[name], func(a, b query.PastDecision) int { return a.Place - b.Place })
		more, n, err := t.ofOne(now[name], before[name])
		if err != nil {
			return nil, 0, err
		}
		changed, hidden = append(changed, more...), hidden+n
	}
	return changed, hidden, nil
}

// ofOne decides on a table as it is now, knowing every publication in which it
// changed. One in which nothing changed since the last stays as it is. Of those before the first
// that showed anything nobody knows anything: they are not recalled, and a table of which nothing
// was ever shown is decided as if it were the first. The program may have learnt to protect it.
func (t tables) ofOne(cells []disclosure.Cell, past []query.PastDecision) (changed []disclosure.Decision, hidden int, err error) {
	var last map[stats.Key]disclosure.Decision
	ever := false
	look := func(standing map[stats.Key]disclosure.Decision) error {
		last, ever = standing, ever || shows(standing)
		return nil
	}
	if err := replay(past, look); err != nil {
		return nil, 0, err
	}
	if ever && same(cells, last) {
		return nil, countHidden(last), nil
	}
	table, shown := disclosure.NewTable(t.rules, t.structure, t.secret), false
	recall := func(standing map[stats.Key]disclosure.Decision) error {
		if shown = shown || shows(standing); !shown {
			return nil
		}
		return table.Recall(inOrder(standing))
	}
	if err := replay(past, recall); err != nil {
		return nil, 0, err
	}
	decisions, err := table.Publish(cells)
	if err != nil {
		return nil, 0, err
	}
	changed, hidden = difference(last, decisions)
	return changed, hidden, nil
}

// replay hands over what stood at each publication in which something changed.
func replay(past []query.PastDecision, each func(standing map[stats.Key]disclosure.Decision) error) error {
	standing := map[stats.Key]disclosure.Decision{}
	for len(past) > 0 {
		n := 0
		for ; n < len(past) && past[n].Place == past[0].Place; n++ {
			if past[n].Reason == query.Gone {
				delete(standing, past[n].Key)
			} else {
				standing[past[n].Key] = past[n].Decision
			}
		}
		past = past[n:]
		if err := each(standing); err != nil {
			return err
		}
	}
	return nil
}

func inOrder(standing map[stats.Key]disclosure.Decision) []disclosure.Decision {
	var all []disclosure.Decision
	for _, d := range standing {
		all = append(all, d)
	}
	disclosure.Sort(all)
	return all
}

func same(cells []disclosure.Cell, standing map[stats.Key]disclosure.Decision) bool {
	return len(cells) == len(standing) && !slices.ContainsFunc(cells, func(c disclosure.Cell) bool {
		d, there := standing[c.Key]
		return !there || d.Value != c.Value
	})
}

// shows reports whether a publication of a table was not withheld as a whole: of one that
// was, all counts have that for their reason.
func shows(standing map[stats.Key]disclosure.Decision) bool {
	for _, d := range standing {
		if d.Reason != disclosure.Withheld {
			return true
		}
	}
	return false
}

func countHidden(standing map[stats.Key]disclosure.Decision) (n int) {
	for _, d := range standing {
		if d.Reason != disclosure.Shown {
			n++
		}
	}
	return n
}

// difference is what is decided anew: what changed, and what is gone.
func difference(standing map[stats.Key]disclosure.Decision, decisions []disclosure.Decision) (changed []disclosure.Decision, hidden int) {
	for _, d := range decisions {
		if d.Reason != disclosure.Shown {
			hidden++
		}
		if former, there := standing[d.Key]; !there || former.Value != d.Value || former.Reason != d.Reason {
			changed = append(changed, d)
		}
		delete(standing, d.Key)
	}
	for _, d := range inOrder(standing) {
		d.Reason = query.Gone
		changed = append(changed, d)
	}
	return changed, hidden
}
