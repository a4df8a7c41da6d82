package etl_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

// TestAMeasureIsARecord: rows added to a copy of the file of measures are all
// that it takes to load a count and to have its rate.
func TestAMeasureIsARecord(t *testing.T) {
	b := newBench(t)
	b.must(t, "areas", "", stats.Published)
	shipped, err := fs.ReadFile(schemas.Reference(), "measures.csv")
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(b.cfg.DataDir, "measures.csv")
	added := `risk_assessments,,Risk assessments,Assessments of risk made in the period.,assessments,,,,,,areas and periods,,up,,,force_return,,,E2:partial,partial: that they were made
risk_assessments_per_100_offences,,Risk assessments per 100 offences,Assessments for every 100 offences.,per 100 offences,risk_assessments,stalking_recorded,,100,byar,areas and periods,,up,95.5,9,force_return,,,7:strong|E2:partial,partial: that they were made
`
	if err := os.WriteFile(copied, append(shipped, added...), 0o600); err != nil {
		t.Fatal(err)
	}
	b.must(t, "measures", copied, stats.Published)
	b.must(t, "force_return", b.write(t, "return.csv", "E23000026,2024-03,risk_assessments,,,30,,", "E23000026,2024-03,stalking_recorded,,,40,,"), stats.Published)
	var got []string
	for f, err := range b.reader.Figures(t.Context(), query.Filter{Areas: []string{"E23000026"}}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %v", f.Measure, f.Value.Number))
		if f.Measure == "risk_assessments_per_100_offences" && (f.Numerator != stats.Number(30) || f.Denominator != stats.Number(40) || !f.Lower95.Known) {
			t.Errorf("the rate is %+v", f)
		}
	}
	if diff := cmp.Diff([]string{"risk_assessments 30", "risk_assessments_per_100_offences 75", "stalking_recorded 40"}, got); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
	measures, err := b.reader.Measures(t.Context(), query.Latest)
	if err != nil {
		t.Fatal(err)
	}
	rate, _ := measures.Of("risk_assessments_per_100_offences", "")
	want := stats.Measure{
		ID: "risk_assessments_per_100_offences", Name: "Risk assessments per 100 offences", Definition: "Assessments for every 100 offences.", Unit: "per 100 offences",
		Numerator: "risk_assessments", Denominator: "stalking_recorded", Per: 100, Interval: stats.Byar, AddsUp: stats.OverAreasAndPeriods,
		Direction: stats.UpIsBetter, Target: stats.Number(95.5), Headline: 9, ForceSource: "force_return",
		Bearings: []stats.Bearing{{Ref: "7", Strength: stats.Strong}, {Ref: "E2", Strength: stats.Partial}}, WhatItShows: "partial: that they were made", Origin: rate.Origin,
	}
	if diff := cmp.Diff(want, rate); diff != "" {
		t.Errorf("as it is read back (-want +got):\n%s", diff)
	}
	if arrests, _ := measures.Count("stalking_arrests"); arrests.Target.Known || arrests.Bearings != nil {
		t.Errorf("arrests have %+v", arrests)
	}
	b.clean(t)
}
