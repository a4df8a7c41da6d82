package query

import (
	"context"
	"slices"
	"time"

	"stalkstats/dashboard/analysis"
	"stalkstats/internal/stats"
)

// stockRates is the rates whose denominator is of another source and of one
// day, as a population is: the count of any period over the stock of the
// financial year in which the period ends. So the mid-year estimate of a
// financial or a calendar year lies in it, and the quarters of a financial year
// have one denominator. Where no stock of that year is loaded there is no rate.
func (r *Reader) stockRates(ctx context.Context, f Filter, known reference) ([]stats.Figure, error) {
	var rates []stats.Figure
	for _, m := range known.measures.All() {
		if m.DenominatorSource == "" || len(f.Measures) > 0 && !slices.Contains(f.Measures, m.ID) || m.ID < f.Start.Measure {
			continue
		}
		national := len(f.Areas) == 0 || slices.Contains(f.Areas, stats.EnglandAndWales)
		asked := Filter{Measures: []string{m.Denominator}, Areas: f.Areas, Sources: []string{m.DenominatorSource}, AsAt: f.AsAt}
		if national {
			asked.Areas = nil // its sum is of all forces
		}
		stocks, err := collect(r.observed(ctx, asked, known))
		if err != nil {
			return nil, err
		}
		if len(stocks) == 0 {
			continue
		}
		asked.Measures, asked.Sources, asked.From, asked.To = []string{m.Numerator}, f.Sources, f.From, f.To
		counts, err := collect(r.observed(ctx, asked, known))
		if err != nil {
			return nil, err
		}
		own := overStocks(m, counts, stocks)
		if national {
			rates = append(rates, known.nationalRates(m, own)...)
		}
		rates = append(rates, slices.DeleteFunc(own, func(figure stats.Figure) bool {
			return len(f.Areas) > 0 && !slices.Contains(f.Areas, figure.Area)
		})...)
	}
	rates = slices.DeleteFunc(rates, func(figure stats.Figure) bool { return f.Start.before(figure.Key) })
	slices.SortFunc(rates, func(a, b stats.Figure) int { return stats.CompareKeys(a.Key, b.Key) })
	return rates, nil
}

// overStocks is the rates of each area's totals that have a stock.
func overStocks(m stats.Measure, counts, stocks []stats.Figure) []stats.Figure {
	type place struct {
		area string
		year int
	}
	stockOf := map[place]stats.Figure{}
	for _, s := range stocks {
		if s.Breakdown == "" {
			stockOf[place{s.Area, financialYear(s.Period.End)}] = s
		}
	}
	var rates []stats.Figure
	for _, count := range counts {
		stock, ok := stockOf[place{count.Area, financialYear(count.Period.End)}]
		if !ok || count.Breakdown != "" || count.Area == stats.EnglandAndWales {
			continue
		}
		basis := m.Basis
		if basis != "" && count.Basis != "" {
			basis += ", "
		}
		rate := analysis.Joined(count.Period, []stats.Figure{count, stock})
		rate.Measure, rate.Basis = m.ID, basis+count.Basis
		rate.Numerator, rate.Denominator = numberOf(count.Value), numberOf(stock.Value)
		switch {
		case !count.Value.Known:
			rate.Value = count.Value
		case !stock.Value.Known:
			rate.Value = stock.Value
		default:
			rate.Value = analysis.Rate(m, count.Value, stock.Value)
		}
		rate.Lower95, rate.Upper95 = analysis.Interval95(m, rate)
		rates = append(rates, rate)
	}
	return rates
}

// nationalRates is the sums of numerators over those of denominators, over the
// forces that have both, as batch.figure makes them: none from fewer than half.
func (known reference) nationalRates(m stats.Measure, own []stats.Figure) []stats.Figure {
	members := map[stats.Key][]stats.Figure{}
	for _, rate := range own {
		isForce := slices.ContainsFunc(known.forces, func(a stats.Area) bool { return a.Code == rate.Area })
		if isForce && rate.Numerator.Known && rate.Denominator.Known {
			key := rate.Key
			key.Area = stats.EnglandAndWales
			members[key] = append(members[key], rate)
		}
	}
	var sums []stats.Figure
	for key, parts := range members {
		if 2*len(parts) < len(known.forces) {
			continue
		}
		sum := analysis.Joined(key.Period, parts)
		sum.Key = key
		sum.Numerator, sum.Denominator = stats.Number(0), stats.Number(0)
		var markers stats.Markers
		added := map[string]bool{}
		for _, part := range parts {
			added[part.Area] = true
			sum.Numerator.Number += part.Numerator.Number
			sum.Denominator.Number += part.Denominator.Number
			markers = markers.And(part.Value.Markers)
		}
		if sum.Value = analysis.Rate(m, sum.Numerator, sum.Denominator); sum.Value.Known {
			sum.Value.Markers = markers
		}
		sum.Lower95, sum.Upper95 = analysis.Interval95(m, sum)
		sum.Note = stats.JoinNotes(sum.Note, known.missingNote(added))
		slices.SortFunc(sum.Origins, byPlace)
		slices.Sort(sum.Releases)
		sums = append(sums, sum)
	}
	return sums
}

// numberOf is a value's number without its markers, as rates carry their counts.
func numberOf(v stats.Value) stats.Value {
	if !v.Known {
		return stats.Value{}
	}
	return stats.Number(v.Number)
}

// financialYear is the year in which the financial year of a day starts.
func financialYear(day time.Time) int { return day.AddDate(0, -3, 1-day.Day()).Year() }
