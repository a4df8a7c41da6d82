package parse_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/stats"
)

// tableP3 has the form of the ONS table: titles, a header below them, totals
// and regions among the forces, notes in the names, rates beside the people.
// The people are those of the areas in the program, mid-2018, and the other
// columns are not read.
func tableP3() []string {
	lines := []string{
		"Table P3: Police recorded crime rates by police force area, English region and Wales",
		"This worksheet contains one table. Population figures are mid-2018 estimates [note 3].",
		"Area Code|Area Name|Population figures (mid-2018) - rounded to 100 [note 3]|Household figures (mid-2018) - rounded to 100|Total recorded crime (per 1,000 population)",
		"K04000001|ENGLAND AND WALES|59115800|1|1.5", "E92000001|ENGLAND|55977200|1|1.5", "E12000005|West Midlands (region)|5900800|1|1.5",
	}
	for _, area := range areas().Forces() {
		lines = append(lines, fmt.Sprintf("%s|%s [note 8]|%d|1|[x]", area.Code, area.Name, area.PopulationMid2018))
	}
	return append(lines, "W92000004|WALES|3138600|1|1.5", "[z]|British Transport Police [note 9]|[z]|[z]|[z]", "Source: Home Office and Office for National Statistics")
}

func TestTableP3(t *testing.T) {
	want := []stats.Exclusion{
		{Reason: "a country, a region or another area that is no police force area", Rows: 4},
		{Reason: "a note below the table", Rows: 1},
		{Reason: "no people live in its area: British Transport Police", Rows: 1},
	}
	for kind := range kinds {
		file := workbook(t, kind, table("Cover sheet", "Police force area data tables", "Contents|Area Code"), table("Notes", "note 3|Population"),
			table("Table P1", "Police recorded crime", "Area Code|Area Name|Total recorded crime", "E23000026|Bedfordshire|5000"),
			table("Table P3 ", tableP3()...), table("Table P5", "Rates per 1,000 population", "Area Code|Area Name|2018", "E23000026|Bedfordshire|9000"))
		r := read(t, "ons_population", "p."+kind, file, sheet.Limits{})
		accounted(t, r)
		if r.err != nil || r.out.Loaded != stats.ForceCount || r.out.Rejected > 0 {
			t.Fatalf("%s: %v, %d loaded, %v", kind, r.err, r.out.Loaded, rejections(r))
		}
		if diff := cmp.Diff(want, r.out.Exclusions()); diff != "" {
			t.Errorf("%s: excluded (-want +got):\n%s", kind, diff)
		}
		for _, row := range r.rows {
			o := row.(stats.Observation)
			area, _ := areas().ByCode(o.Area)
			day := stats.Day(2018, 6, 30)
			full := stats.Observation{
				Key:   stats.Key{Measure: "population", Area: area.Code, Source: "test", Period: stats.Period{Start: day, End: day}},
				Slice: "mid-2018", Value: stats.Number(float64(area.PopulationMid2018)), Note: "rounded to 100",
				Origin: stats.Origin{File: "p." + kind, Sheet: "Table P3 ", Row: o.Origin.Row},
			}
			if diff := cmp.Diff(full, o); diff != "" {
				t.Errorf("%s (-want +got):\n%s", kind, diff)
			}
		}
	}
}

func TestONSPopulation(t *testing.T) {
	const (
		header = "Area Code,Area Name,Population (mid-2023)"
		mid    = "E23000026 | 30 Jun 2023 | population | 700000"
		noYear = "file.csv, row 1, column C: it is not said of which year the column \"Population\" is; write the year into the column's name, such as Population (mid-2023)"
		other  = "a country, a region or another area that is no police force area"
	)
	named := func(name string) string { return "=Area Code,Area Name," + name + "\nE23000026,Bedfordshire,700000\n" }
	titled := func(title, name string) string { return "=" + title + ",\n" + named(name)[1:] }
	nothing := func(row int) string {
		return fmt.Sprintf("file.csv, row %d: no column after the area's name is of people; one must be called Population figures (mid-2023), Population, All ages or, below a title that says mid-year estimates, Mid-2023 or 2023", row)
	}
	excluded := func(reason string) []stats.Exclusion { return []stats.Exclusion{{Reason: reason, Rows: 1}} }
	check(t, "ons_population", header, figures, []layoutTest{
		{name: "a force", csv: "E23000026,Bedfordshire,700000\n", loads: []string{mid}},
		{name: "notes and separators", csv: " E23000026 ,Bedfordshire [note 8][note 9],\"700,000 [note 2]\"\n", loads: []string{mid}},
		{name: "another spelling", csv: "E23000034,\"London, City of\",8600\n", loads: []string{"E23000034 | 30 Jun 2023 | population | 8600"}},
		{name: "not available", csv: "E23000026,Bedfordshire,[x]\n", loads: []string{"E23000026 | 30 Jun 2023 | population | - | x"}},
		{name: "the force of the West Midlands", csv: "E23000014,West Midlands,2900000\n", loads: []string{"E23000014 | 30 Jun 2023 | population | 2900000"}},
		{name: "the region of the West Midlands", csv: "E12000005,West Midlands,5900000\n", excludes: excluded(other)},
		{name: "the force with the region's name", csv: "E23000014,West Midlands (region),2900000\n", rejects: []string{`2, Area Name, "West Midlands (region)": E23000014 is the code of West Midlands: name and code must be of one area`}},
		{name: "a force with a region's code", csv: "E12000006,Kent,1900000\n", rejects: []string{`2, Area Code, "E12000006": Kent has the code E23000032: name and code must be of one area`}},
		{name: "a force without its code", csv: ",Kent,1900000\n", rejects: []string{`2, Area Code, "": Kent has the code E23000032: name and code must be of one area`}},
		{name: "code and name of two forces", csv: "E23000026,Kent,1900000\n", rejects: []string{`2, Area Name, "Kent": E23000026 is the code of Bedfordshire: name and code must be of one area`}},
		{name: "a force that nobody knows", csv: "E23000099,Wessex,1900000\n", rejects: []string{`2, Area Code, "E23000099": no area has this code of a police force area: add it to the areas file, or fetch the table again`}},
		{name: "no code and a figure", csv: "bedfordshire,Beds,700000\n", rejects: []string{`2, Area Code, "bedfordshire": not an ONS code, and there is a figure in the row: fetch the table again`}},
		{name: "the police of the railways", csv: ",British Transport Police,[z]\n", excludes: excluded("no people live in its area: British Transport Police")},
		{name: "a note", csv: "\"Source: the ONS, 2024\",,\n", excludes: excluded("a note below the table")},
		{name: "thousands", csv: "E23000026,Bedfordshire,700\n", rejects: []string{`2, Population (mid-2023), "700": not the people of a police force area: the number must be of people, not of thousands`}},
		{name: "half a person", csv: "E23000026,Bedfordshire,700000.5\n", rejects: []string{`2, Population (mid-2023), "700000.5": not a number of people: it must be a whole number, or [x], [z] or [c]`}},
		{name: "nothing", csv: "E23000026,Bedfordshire,\n", rejects: []string{`2, Population (mid-2023), "": not a number of people: it must be a whole number, or [x], [z] or [c]`}},
		{name: "twice the same", csv: "E23000026,Bedfordshire,700000\nE23000026,Bedfordshire,700000\n", loads: []string{mid}, excludes: excluded("the same estimate as in another row")},
		{name: "twice and not the same", csv: "E23000026,Bedfordshire,700000\nE23000026,Bedfordshire,700001\n", loads: []string{mid}, rejects: []string{`3, Population (mid-2023), "700001": row 2 has another estimate for this force and year: only one can be right`}},
		{name: "several years", csv: "=Area Code,Area Name,Mid-2022 population,2023 population\nE23000026,Bedfordshire,690000,700000\n",
			loads: []string{"E23000026 | 30 Jun 2022 | population | 690000", mid}},
		{name: "rounded", csv: named("Population figures (mid-2023) - rounded to 100"), loads: []string{mid + " | rounded to 100"}},
		{name: "year in the title", csv: titled("Population of mid-2023 [note 1]", "Population"), loads: []string{mid}},
		{name: "all ages, year in the title", csv: titled("Estimates, Mid 2023", "All ages"), loads: []string{mid}},
		{name: "years as columns", csv: titled("Mid-year population estimates", "2023"), loads: []string{mid}},
		{name: "mid-years as columns", csv: titled("Population estimates", "Mid-2023"), loads: []string{mid}},
		{name: "years of what?", csv: titled("Recorded crime", "2023"), fault: nothing(2)},
		{name: "households", csv: named("Household figures (mid-2023)"), fault: nothing(1)},
		{name: "a rate", csv: named("Offences (per 1,000 population)"), fault: nothing(1)},
		{name: "in thousands", csv: named("Population (thousands)"), fault: nothing(1)},
		{name: "no names", csv: "=Area Code,Population (mid-2023)\nE23000026,700000\n", fault: nothing(1)},
		{name: "no year", csv: named("Population"), fault: noYear},
		{name: "a year long ago", csv: titled("mid-1801", "Population"), fault: strings.Replace(noYear, "row 1", "row 2", 1)},
		{name: "two years in the titles", csv: titled("mid-2022 and mid-2023", "Population"), fault: "file.csv, row 2, column C: the titles name mid-2022 and mid-2023, and the column \"Population\" neither; write the year into the column's name, such as Population (mid-2023)"},
		{name: "a year twice", csv: "=Area Code,Area Name,Population (mid-2023),2023 population\n", fault: "file.csv, row 1, column D: a second column is of mid-2023; keep the estimate of all people, and delete the other column"},
		{name: "another file", csv: "=" + returnHeader + "\n", fault: "file.csv: no sheet has a row that starts with Area Code; check that this is the ONS file of police force area tables with the population in it (Table P3)"},
		{name: "a header alone", csv: "", fault: "file.csv: the file has a header and no rows; put the figures below the header"},
	})
}

// TestPopulationInTwoSheets: what two tables of a book say alike is loaded
// once, and what they say differently is refused.
func TestPopulationInTwoSheets(t *testing.T) {
	const header = "Area Code|Area Name|Population (mid-2023)"
	file := workbook(t, "xlsx", table("P3", header, "E23000026|Bedfordshire|700000", "E23000032|Kent|1900000"),
		table("P4", header, "E23000026|Bedfordshire|700000", "E23000032|Kent|1900001"))
	r := read(t, "ons_population", "p.xlsx", file, sheet.Limits{})
	accounted(t, r)
	want := []string{`P4 3, Population (mid-2023), "1900001": row 3 of sheet P3 has another estimate for this force and year: only one can be right`}
	if diff := cmp.Diff(want, rejections(r)); diff != "" || r.out.Loaded != 2 || r.out.Excluded() != 1 {
		t.Errorf("%d loaded, %d excluded, rejected (-want +got):\n%s", r.out.Loaded, r.out.Excluded(), diff)
	}
}
