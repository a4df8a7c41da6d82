package dashboard

import (
	"net/url"
	"slices"

	"stalkstats/internal/stats"
)

// bearsOn is the asks that a measure bears on and what it can show of them.
type bearsOn struct {
	Asks   []joinedLink
	Proves string
}

// bearsOnOf has a line for each thing that is proved. Links are of a force's record, so
// those of a country lead nowhere.
func bearsOnOf(m stats.Measure, area stats.Area) (lines []bearsOn) {
	for _, b := range m.Bearings {
		proves := proofWords(b.Strength, m.WhatItShows)
		i := slices.IndexFunc(lines, func(l bearsOn) bool { return l.Proves == proves })
		if i < 0 {
			i, lines = len(lines), append(lines, bearsOn{Proves: proves})
		}
		lines[i].Asks = append(lines[i].Asks, joinedLink{"", askLink(b.Ref, area)})
	}
	for i := range lines {
		join(lines[i].Asks)
	}
	return lines
}

// asksOf is every ask that one of some measures bears on, each once.
func asksOf(measures []stats.Measure, area stats.Area) (asks []joinedLink) {
	for _, m := range measures {
		for _, b := range m.Bearings {
			if ask := (joinedLink{"", askLink(b.Ref, area)}); !slices.Contains(asks, ask) {
				asks = append(asks, ask)
			}
		}
	}
	join(asks)
	return asks
}

// join puts commas and an “and” between the links of a sentence.
func join(links []joinedLink) {
	for i := range links {
		switch i {
		case 0:
		case len(links) - 1:
			links[i].Joint = " and "
		default:
			links[i].Joint = ", "
		}
	}
}

// askLink leads to where the page of all recommendations tells of an ask.
func askLink(ref string, area stats.Area) link {
	if area.Kind == stats.Country {
		return link{Text: askName(ref)}
	}
	return link{Text: askName(ref), Address: "/recommendations?area=" + url.QueryEscape(area.Code) + "#item-" + url.PathEscape(ref)}
}

// askName is an ask where the register is not at hand: by its number, else by its letter
// or by the subject that stands for it.
func askName(ref string) string {
	if stats.RecommendationNamed(ref).Number > 0 {
		return "Recommendation " + ref
	}
	return capitalised(ref) + " (number not known)"
}
