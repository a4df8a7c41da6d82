package parse_test

import (
	"fmt"
	"strings"
	"testing"

	"stalkstats/internal/stats"
)

// measureRow is a row of the file: the named columns, and in the others what
// a count in order holds.
func measureRow(cells ...string) string {
	row := map[string]string{"measure": "charges", "name": "Charges", "definition": "D", "unit": "charges", "adds_up": "areas and periods", "direction": "up"}
	for _, cell := range cells {
		name, text, _ := strings.Cut(cell, "=")
		row[name] = text
	}
	var line []string
	for name := range strings.SplitSeq(measuresHeader, ",") {
		line = append(line, `"`+row[name]+`"`)
	}
	return strings.Join(line, ",") + "\n"
}

const measuresHeader = "measure,basis,name,definition,unit,numerator,denominator,denominator_source,per,interval,adds_up,parts,direction,target,headline,force_source,compare_source,caveat,recommendations,what_it_shows"

func TestMeasures(t *testing.T) {
	const (
		refAdvice = "a ref is a letter, or a letter and more letters and digits, such as D or E1"
		strengths = "say after a colon how strongly it bears on it: strong, partial or document, such as 16:partial"
		addsUp    = "what it adds up over is one of: areas and periods, areas, nothing"
		sum       = "only a count is the sum of others, of two at least, and of none that is itself"
		direction = "the direction is one of: up, down, neither"
		target    = "a target is a number in the measure's unit, such as 95 or 12.5, or nothing"
	)
	show := func(r result) (all []string) {
		for _, row := range r.rows {
			m := row.(stats.Measure)
			text := fmt.Sprintf("%s/%s %s÷%s×%v %s %s %d, %s", m.ID, m.Basis, m.Numerator, m.Denominator, m.Per, m.Interval, m.Direction, m.Headline, m.AddsUp)
			if m.DenominatorSource != "" {
				text = strings.Replace(text, "×", " of "+m.DenominatorSource+"×", 1)
			}
			if len(m.Parts) > 0 {
				text += ", of " + strings.Join(m.Parts, " and ")
			}
			if m.Target.Known {
				text += fmt.Sprint(", target ", m.Target.Number)
			}
			for _, b := range m.Bearings {
				text += ", " + b.Ref + " " + string(b.Strength)
			}
			if m.WhatItShows != "" {
				text += ": " + m.WhatItShows
			}
			all = append(all, text)
		}
		return all
	}
	const inOrder = "charges/ ÷×0  up 0, areas and periods"
	rate := func(cells ...string) string {
		return measureRow(append([]string{"measure=rate", "unit=percent", "numerator=c", "denominator=a", "per=100", "interval=wilson"}, cells...)...)
	}
	check(t, "measures", measuresHeader, show, []layoutTest{
		{name: "a count", csv: measureRow("headline=3"), loads: []string{"charges/ ÷×0  up 3, areas and periods"}},
		{name: "a sum", csv: measureRow("parts=a|b"), loads: []string{inOrder + ", of a and b"}},
		{name: "a sum of one", csv: measureRow("parts=a"), rejects: []string{`2, parts, "a": ` + sum}},
		{name: "a sum of itself", csv: measureRow("parts=charges|b"), rejects: []string{`2, parts, "charges|b": ` + sum}},
		{name: "a rate that is a sum", csv: rate("parts=a|b"), rejects: []string{`2, parts, "a|b": ` + sum}},
		{name: "a rate", csv: rate("basis=outcomes"), loads: []string{"rate/outcomes c÷a×100 wilson up 0, areas and periods"}},
		{name: "a rate on two bases", csv: rate("basis=a") + rate("basis=b", "denominator=b", "interval=byar"), loads: []string{"rate/a c÷a×100 wilson up 0, areas and periods", "rate/b c÷b×100 byar up 0, areas and periods"}},
		{name: "over another source", csv: rate("denominator_source=ons_population", "interval=byar"), loads: []string{"rate/ c÷a of ons_population×100 byar up 0, areas and periods"}},
		{name: "people", csv: measureRow("adds_up=areas"), loads: []string{"charges/ ÷×0  up 0, areas"}},
		{name: "a median", csv: measureRow("adds_up=nothing", "direction=down"), loads: []string{"charges/ ÷×0  down 0, nothing"}},
		{name: "of two recommendations", csv: measureRow("recommendations=016 : partial | E2:strong", "what_it_shows=some"), loads: []string{inOrder + ", 16 partial, E2 strong: some"}},
		{name: "of a document", csv: measureRow("recommendations=D:document", "what_it_shows=its date"), loads: []string{inOrder + ", D document: its date"}},
		{name: "words alone", csv: measureRow("what_it_shows=partial"), loads: []string{inOrder + ": partial"}},
		{name: "a target", csv: measureRow("adds_up=nothing", "target=12.5"), loads: []string{"charges/ ÷×0  up 0, nothing, target 12.5"}},
		{name: "a target of 0", csv: measureRow("target=0", "direction=down", "adds_up=nothing"), loads: []string{"charges/ ÷×0  down 0, nothing, target 0"}},
		{name: "a target of a count", csv: measureRow("target=12"), rejects: []string{`2, target, "12": a count has a target for each month, quarter or year: set it on the page of the measure`}},

		{name: "of no recommendation", csv: measureRow("recommendations=30:strong"), rejects: []string{`2, recommendations, "30:strong": neither a number from 1 to 29 nor a ref: ` + refAdvice}},
		{name: "without a strength", csv: measureRow("recommendations=E2"), rejects: []string{`2, recommendations, "E2": ` + strengths}},
		{name: "with a strength of its own", csv: measureRow("recommendations=7:strong|16:weak"), rejects: []string{`2, recommendations, "16:weak": ` + strengths}},
		{name: "one recommendation twice", csv: measureRow("recommendations=16:strong|016:partial"), rejects: []string{`2, recommendations, "016:partial": it stands here twice: only one can be right`}},
		{name: "without words", csv: measureRow("recommendations=16:strong"), rejects: []string{`2, what_it_shows, "": it bears on a recommendation: say in words how much it proves`}},
		{name: "adds up over what", csv: measureRow("adds_up="), rejects: []string{`2, adds_up, "": ` + addsUp}},
		{name: "adds up over forces", csv: measureRow("adds_up=forces"), rejects: []string{`2, adds_up, "forces": ` + addsUp}},
		{name: "a target in words", csv: measureRow("target=all"), rejects: []string{`2, target, "all": ` + target}},
		{name: "a target below zero", csv: measureRow("target=-1"), rejects: []string{`2, target, "-1": ` + target}},
		{name: "a target that is none", csv: measureRow("target=NaN"), rejects: []string{`2, target, "NaN": ` + target}},
		{name: "more than all", csv: rate("target=101"), rejects: []string{`2, target, "101": a target in per cent is at most 100`}},
		{name: "a target on no side", csv: measureRow("target=5", "direction=neither", "adds_up=nothing"), rejects: []string{`2, target, "5": a target needs a direction, up or down: without one nobody can say whether it is met`}},
		{name: "twice", csv: measureRow() + measureRow(), loads: []string{inOrder}, rejects: []string{`3, measure, "charges": row 2 has this measure and basis already`}},
		{name: "a count with per", csv: measureRow("per=100"), rejects: []string{`2, per, "100": only a rate, with numerator and denominator, has this`}},
		{name: "a count over another source", csv: measureRow("denominator_source=s"), rejects: []string{`2, denominator_source, "s": only a rate, with numerator and denominator, has this`}},
		{name: "a proportion of another source", csv: rate("denominator_source=s"), rejects: []string{`2, interval, "wilson": a rate over another source's count is a ratio: write byar`}},
		{name: "a rate without a denominator", csv: rate("denominator="), rejects: []string{`2, per, "100": a rate needs numerator, denominator and per (100 for a percentage)`}},
		{name: "a rate per nothing", csv: rate("per=0"), rejects: []string{`2, per, "0": a rate needs numerator, denominator and per (100 for a percentage)`}},
		{name: "a rate without limits", csv: rate("interval="), rejects: []string{`2, interval, "": the interval of a rate is wilson (a proportion) or byar (a ratio)`}},
		{name: "no direction", csv: measureRow("direction="), rejects: []string{`2, direction, "": ` + direction}},
		{name: "a direction that is none", csv: measureRow("direction=left"), rejects: []string{`2, direction, "left": ` + direction}},
		{name: "a place that is none", csv: measureRow("headline=first"), rejects: []string{`2, headline, "first": a place on the page is a whole number from 1, or nothing`}},
		{name: "no unit", csv: measureRow("unit="), rejects: []string{`2, unit, "": the cell is empty: fill it in`}},
	})
}
