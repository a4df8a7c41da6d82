package stats_test

import (
	"testing"

	"stalkstats/internal/stats"
)

func TestOfDocument(t *testing.T) {
	bears := func(all ...stats.Strength) stats.Measure {
		m := stats.Measure{ID: "m"}
		for _, s := range all {
			m.Bearings = append(m.Bearings, stats.Bearing{Ref: "D", Strength: s})
		}
		return m
	}
	rate := bears(stats.Document)
	rate.Numerator, rate.Denominator = "a", "b"
	for name, test := range map[string]struct {
		m    stats.Measure
		want bool
	}{
		"bears on nothing":           {bears(), false},
		"a document":                 {bears(stats.Document), true},
		"of two asks":                {bears(stats.Document, stats.Document), true},
		"also a count of something":  {bears(stats.Document, stats.Partial), false},
		"strong":                     {bears(stats.Strong), false},
		"a rate, which counts cases": {rate, false},
	} {
		if got := test.m.OfDocument(); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
