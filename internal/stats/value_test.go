package stats

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestValueIsANumberOrAMarker(t *testing.T) {
	for name, c := range map[string]struct {
		value Value
		fault string
	}{
		"number":           {Number(5), ""},
		"zero":             {Number(0), ""},
		"negative":         {Number(-1), ""},
		"markers beside":   {Number(5, Provisional, Revised), ""},
		"missing":          {Missing(NotAvailable), ""},
		"missing, revised": {Value{Markers: NewMarkers(Confidential, Revised)}, ""},
		"nothing":          {Value{}, "needs one of the markers"},
		"only beside":      {Missing(Provisional), "needs one of the markers"},
		"two instead":      {Value{Markers: NewMarkers(Confidential, NotAvailable)}, "needs one of the markers"},
		"both":             {Number(5, Confidential), "cannot stand together"},
		"not a number":     {Number(math.NaN()), "not a number"},
		"infinite":         {Number(math.Inf(1)), "not a number"},
		"no marker":        {Value{Number: 1, Known: true, Markers: "q"}, "is not a marker"},
	} {
		err := c.value.Validate()
		if (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: %v, want %q", name, err, c.fault)
		}
	}
}

func TestMarkers(t *testing.T) {
	set, err := ParseMarkers(" r  p r ")
	if err != nil || set != "p r" {
		t.Errorf("ParseMarkers = %q, %v", set, err)
	}
	if !set.Has(Revised) || set.Has(Estimated) || Markers("").Has(Revised) {
		t.Errorf("%q has %v, %v", set, set.Has(Revised), set.Has(Estimated))
	}
	if got := set.With(Estimated).And("b p"); got != "b e p r" {
		t.Errorf("the union is %q", got)
	}
	if got := set.Meanings(); got != "provisional, revised" {
		t.Errorf("the meanings are %q", got)
	}
	for set, want := range map[Markers]string{"r x": "not available, revised", "c r": "confidential, revised", "": ""} {
		if got := set.Meanings(); got != want {
			t.Errorf("the meanings of %q are %q, want %q", set, got, want)
		}
	}
	for _, text := range []string{"q", "pr", "P", "p,r", "é"} {
		if got, err := ParseMarkers(text); err == nil {
			t.Errorf("ParseMarkers(%q) = %q", text, got)
		}
	}
	for m := range Marker(128) {
		if (m.Meaning() != "") != strings.ContainsRune("cxzkuprbe", rune(m)) {
			t.Errorf("the meaning of %q is %q", m, m.Meaning())
		}
	}
}

func TestNotes(t *testing.T) {
	if got := JoinNotes("a; demonstration", "", "demonstration; b"); got != "a; demonstration; b" {
		t.Errorf("JoinNotes = %q", got)
	}
	for note, want := range map[string]bool{
		"demonstration": true, "a; demonstration; b": true, "demonstrations": false, "": false, "not a demonstration": false,
	} {
		if got := IsDemonstration(note); got != want {
			t.Errorf("IsDemonstration(%q) = %v", note, got)
		}
	}
}

func TestAreas(t *testing.T) {
	areas := NewAreas([]Area{
		{Code: EnglandAndWales, Name: "England and Wales", Kind: Country},
		{Code: "E23000034", Name: "City of London", Kind: TerritorialForce, Aliases: []string{"London, City of"}},
		{Code: "E23000026", Name: "Bedfordshire", Kind: TerritorialForce},
		{Name: "CIFAS", Kind: NotAForce},
	})
	for name, want := range map[string]string{
		"London, City of": "E23000034", " london,  CITY of ": "E23000034", "Bedfordshire": "E23000026",
	} {
		if got, ok := areas.ByName(name); !ok || got.Code != want {
			t.Errorf("ByName(%q) = %+v, %v, want %s", name, got, ok, want)
		}
	}
	for _, name := range []string{"", "London", "E23000026", "Bedfordshire Police"} {
		if got, ok := areas.ByName(name); ok {
			t.Errorf("ByName(%q) = %+v", name, got)
		}
	}
	if got, ok := areas.ByCode(""); ok {
		t.Errorf("ByCode of nothing is %+v", got)
	}
	var forces []string
	for _, a := range areas.Forces() {
		forces = append(forces, a.Name)
	}
	if diff := cmp.Diff([]string{"Bedfordshire", "City of London"}, forces); diff != "" {
		t.Errorf("Forces() (-want +got):\n%s", diff)
	}
}

func TestMeasures(t *testing.T) {
	measures := NewMeasures([]Measure{
		{ID: "charges"},
		{ID: "rate", Basis: "outcomes", Numerator: "charges", Denominator: "outcomes"},
		{ID: "rate", Basis: "recorded", Numerator: "charges", Denominator: "recorded"},
		{ID: "ratio", Numerator: "arrests", Denominator: "recorded"},
	})
	if got := len(measures.ByID("rate")); got != 2 {
		t.Errorf("%d rates", got)
	}
	if m, ok := measures.Count("rate"); ok {
		t.Errorf("a rate is counted: %+v", m)
	}
	if m, ok := measures.Of("rate", "recorded"); !ok || m.Denominator != "recorded" {
		t.Errorf("Of(rate, recorded) = %+v, %v", m, ok)
	}
	if _, ok := measures.Of("rate", "arrests"); ok {
		t.Error("a rate of a basis that is not there")
	}
	if m, ok := measures.Of("charges", "any basis of a source"); !ok || m.ID != "charges" {
		t.Errorf("Of(charges) = %+v, %v", m, ok)
	}
	if m, ok := measures.Of("rate", "recorded, closed in the quarter"); !ok || m.Denominator != "recorded" {
		t.Errorf("a rate on a source's basis is %+v, %v", m, ok)
	}
	if _, ok := measures.Of("rate", "recorded in the quarter"); ok {
		t.Error("a rate has a basis that only begins like its own")
	}
	if m, ok := measures.Of("ratio", "closed in the quarter"); !ok || m.ID != "ratio" {
		t.Errorf("a rate without a basis, on a source's, is %+v, %v", m, ok)
	}
}

func TestSeriesLatest(t *testing.T) {
	if _, ok := (Series{}).Latest(); ok {
		t.Error("an empty series has a latest figure")
	}
	var s Series
	for _, text := range []string{"2024-08", "2023-10-01/2024-09-30", "2024-09"} {
		s.Figures = append(s.Figures, Figure{Key: Key{Period: period(t, text)}})
	}
	if f, ok := s.Latest(); !ok || f.Period != period(t, "2024-09") {
		t.Errorf("the latest is %s: of two that end together it is the shorter", f.Period.Label())
	}
	if _, ok := s.At(period(t, "2024/25")); ok {
		t.Error("a figure of a period that is not there")
	}
}

func TestRecommendationNames(t *testing.T) {
	for name, want := range map[string]Recommendation{
		"7": {Number: 7}, "29": {Number: 29}, "0": {Ref: "0"}, "30": {Ref: "30"}, "E1": {Ref: "E1"},
	} {
		got := RecommendationNamed(name)
		if diff := cmp.Diff(want, got); diff != "" || got.Name() != name {
			t.Errorf("RecommendationNamed(%q), whose name is %q (-want +got):\n%s", name, got.Name(), diff)
		}
	}
}

func TestBreakBears(t *testing.T) {
	everywhere := Break{Measures: []string{"a", "b"}}
	here := Break{Measures: []string{"a"}, Areas: []string{"E23000026"}}
	count := func(id string) Measure { return Measure{ID: id} }
	for _, c := range []struct {
		b       Break
		measure Measure
		area    string
		want    bool
	}{
		{everywhere, count("a"), "E23000026", true}, {everywhere, count("c"), "E23000026", false},
		{here, count("a"), "E23000026", true}, {here, count("a"), "E23000027", false}, {here, count("b"), "E23000026", false},
		{here, Measure{ID: "rate", Numerator: "a", Denominator: "c"}, "E23000026", true},
		{here, Measure{ID: "rate", Numerator: "c", Denominator: "a"}, "E23000026", true},
		{here, Measure{ID: "rate", Numerator: "c", Denominator: "b"}, "E23000026", false},
		{Break{Measures: []string{""}}, count("a"), "E23000026", false},
	} {
		if got := c.b.Bears(c.measure, c.area); got != c.want {
			t.Errorf("%+v bears on %s in %s: %v", c.b, c.measure.ID, c.area, got)
		}
	}
}

func TestBreakParts(t *testing.T) {
	rules := Break{Date: Day(2023, 6, 1)}
	for _, c := range []struct {
		earlier, later Period
		want           bool
	}{
		{period(t, "2023-01-01/2023-09-27"), period(t, "2024-01-01/2024-09-27"), true}, // the earlier is cut
		{period(t, "2022-01-01/2022-09-27"), period(t, "2023-01-01/2023-09-27"), true}, // the later is cut
		{period(t, "2022-06"), period(t, "2023-06"), true},                             // either side
		{period(t, "2023-06"), period(t, "2024-06"), false},                            // both after
		{period(t, "2022-05"), period(t, "2023-05"), false},                            // both before
	} {
		if got := rules.Parts(c.earlier, c.later); got != c.want {
			t.Errorf("%s and %s parted: %v", c.earlier.Label(), c.later.Label(), got)
		}
	}
}
