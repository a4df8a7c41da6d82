package parse_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/parse"
	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

func TestAreas(t *testing.T) {
	const kindAdvice = "the kind is one of: territorial_force, national_force, country, not_a_force"
	show := func(r result) (all []string) {
		for _, row := range r.rows {
			a := row.(stats.Area)
			all = append(all, fmt.Sprintf("%s %s %s %d %s", a.Code, a.Name, a.Kind, a.PopulationMid2018, strings.Join(a.Aliases, "+")))
		}
		return all
	}
	check(t, "areas", "area_code,area_name,region,kind,population_mid_2018,aliases", show, []layoutTest{
		{name: "a force", csv: "E23000034,City of London,London,territorial_force,\"8,700\",\"London, City of | CoL\"\n", loads: []string{"E23000034 City of London territorial_force 8700 London, City of+CoL"}},
		{name: "a name that turns the text round it", csv: "E23000034,\u202eCity\u2069 of London \u200f,,territorial_force,,\n", loads: []string{"E23000034 City of London territorial_force 0 "}},
		{name: "no force", csv: ",CIFAS,,not_a_force,,\n", loads: []string{" CIFAS not_a_force 0 "}},
		{name: "a name of its own as an alias", csv: "BTP,British Transport Police,,national_force,,BTP\n", loads: []string{"BTP British Transport Police national_force 0 BTP"}},
		{name: "a kind that is none", csv: "E1,A,,force,,\n", rejects: []string{`2, kind, "force": ` + kindAdvice}},
		{name: "a force without a code", csv: ",A,,territorial_force,,\n", rejects: []string{`2, area_code, "": a force has a code, and what is not a force has none`}},
		{name: "no force with a code", csv: "E1,A,,not_a_force,,\n", rejects: []string{`2, area_code, "E1": a force has a code, and what is not a force has none`}},
		{name: "no name", csv: "E1,,,territorial_force,,\n", rejects: []string{`2, area_name, "": the cell is empty: fill it in`}},
		{name: "nobody lives there", csv: "E1,A,,territorial_force,0,\n", rejects: []string{`2, population_mid_2018, "0": not a number of people`}},
		{name: "more people than there are", csv: "E1,A,,territorial_force,99999999999,\n", rejects: []string{`2, population_mid_2018, "99999999999": not a number of people`}},
		{name: "one code twice", csv: "E1,A,,territorial_force,,\nE1,B,,territorial_force,,\n", loads: []string{"E1 A territorial_force 0 "}, rejects: []string{`3, area_name, "E1": row 2 uses this name or code already`}},
		{name: "a name that is another's alias", csv: "E1,A,,territorial_force,,B\nE2, b ,,territorial_force,,\n", loads: []string{"E1 A territorial_force 0 B"}, rejects: []string{`3, area_name, "b": row 2 uses this name or code already`}},
	})
}

func TestSeriesBreaks(t *testing.T) {
	show := func(r result) (all []string) {
		for _, row := range r.rows {
			b := row.(stats.Break)
			all = append(all, fmt.Sprintf("%s %q %q %v", b.Date.Format(time.DateOnly), b.Areas, b.Measures, b.Confirmed))
		}
		return all
	}
	check(t, "series_breaks", "date,areas,measures,effect,source,confirmed", show, []layoutTest{
		{name: "everywhere", csv: "2023-06-01,all,a|b,E,S,yes\n", loads: []string{`2023-06-01 [] ["a" "b"] true`}},
		{name: "in two areas", csv: "2019-07-01,E23000005 | E23000001,a,E,S,no\n", loads: []string{`2019-07-01 ["E23000005" "E23000001"] ["a"] false`}},
		{name: "nowhere", csv: "2023-06-01,,a,E,S,yes\n", rejects: []string{`2, areas, "": write all, or the areas' codes joined by |`}},
		{name: "of nothing", csv: "2023-06-01,all,|,E,S,yes\n", rejects: []string{`2, measures, "": name the measures, joined by |`}},
		{name: "never", csv: ",all,a,E,S,yes\n", rejects: []string{`2, date, "": the cell is empty: fill it in`}},
		{name: "on no day", csv: "June 2023,all,a,E,S,yes\n", rejects: []string{`2, date, "June 2023": not a date: write it as 2024-09-27`}},
		{name: "perhaps", csv: "2023-06-01,all,a,E,S,perhaps\n", rejects: []string{`2, confirmed, "perhaps": write yes or no`}},
	})
}

// TestReferenceInTheProgram: the files are in order, all 43 forces are there,
// and every measure that a rate or a break names is one.
func TestReferenceInTheProgram(t *testing.T) {
	load := func(layout string) []any {
		text, err := fs.ReadFile(schemas.Reference(), layout+".csv")
		if err != nil {
			t.Fatal(err)
		}
		r := read(t, layout, layout+".csv", text, sheet.Limits{})
		accounted(t, r)
		if r.err != nil || r.out.Rejected > 0 {
			t.Fatalf("%s: %v %v", layout, r.err, rejections(r))
		}
		return r.rows
	}
	load("areas")
	if got := len(areas().Forces()); got != 43 {
		t.Errorf("%d territorial forces", got)
	}
	var list []stats.Measure
	for _, row := range load("measures") {
		list = append(list, row.(stats.Measure))
	}
	measures := stats.NewMeasures(list)
	for _, m := range list {
		for _, part := range []string{m.Numerator, m.Denominator} {
			if _, ok := measures.Count(part); part != "" && !ok {
				t.Errorf("%s is worked out from %q, which is not counted", m.ID, part)
			}
		}
	}
	for _, row := range load("series_breaks") {
		b := row.(stats.Break)
		for _, id := range b.Measures {
			if len(measures.ByID(id)) == 0 {
				t.Errorf("a break of %q, which is no measure", id)
			}
		}
		// What breaks all outcomes breaks each type of them.
		for kind, id := range alone {
			if kind != "1" && slices.Contains(b.Measures, "stalking_outcomes") && !slices.Contains(b.Measures, id) {
				t.Errorf("the break of %v bears on all outcomes and not on %s", b.Date, id)
			}
		}
	}
}

func TestFind(t *testing.T) {
	for _, name := range parse.Names() {
		if p, ok := parse.Find(name); !ok || p.Name != name || p.Version < 1 {
			t.Errorf("Find(%q) = %+v, %v", name, p, ok)
		}
	}
	if p, ok := parse.Find("spreadsheet"); ok {
		t.Errorf("Find of an unknown layout = %+v", p)
	}
	if diff := cmp.Diff(len(parse.Parsers()), len(parse.Names())); diff != "" {
		t.Errorf("names of the parsers (-want +got):\n%s", diff)
	}
}
