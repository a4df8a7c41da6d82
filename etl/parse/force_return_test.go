package parse_test

import (
	"os"
	"strings"
	"testing"

	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/stats"
)

const (
	returnHeader  = "area_code,period,measure,breakdown,breakdown_value,value,value_note,comment"
	returnColumns = "the columns must be area_code, period, measure, breakdown, breakdown_value, value, value_note, comment"
)

func TestForceReturn(t *testing.T) {
	const bedfordshire = "E23000026"
	check(t, "force_return", returnHeader, figures, []layoutTest{
		{name: "a month", csv: "E23000026,2024-03,stalking_charges,,,5,,\n", loads: []string{bedfordshire + " | Mar 2024 | stalking_charges | 5"}},
		{name: "a quarter", csv: "E23000026,2024/25 Q1,stalking_charges,,,5,,\n", loads: []string{bedfordshire + " | 2024/25 Q1 | stalking_charges | 5"}},
		{name: "a year", csv: "E23000026,2024/25,stalking_charges,,,5,,\n", loads: []string{bedfordshire + " | year to Mar 2025 | stalking_charges | 5"}},
		{name: "two days", csv: "E23000026,2024-01-01/2024-09-27,stalking_charges,,,151,,\n", loads: []string{bedfordshire + " | 1 Jan to 27 Sep 2024 | stalking_charges | 151"}},
		{name: "padded", csv: " E23000026 , 2024-03 , stalking_charges ,,, 1234 , p , demonstration \n", loads: []string{bedfordshire + " | Mar 2024 | stalking_charges | 1234 | p | demonstration"}},
		{name: "a marker instead", csv: "E23000026,2024-03,stalking_charges,,,,c,\n", loads: []string{bedfordshire + " | Mar 2024 | stalking_charges | - | c"}},
		{name: "markers beside", csv: "E23000026,2024-03,stalking_charges,,,5,r p,\n", loads: []string{bedfordshire + " | Mar 2024 | stalking_charges | 5 | p r"}},
		{name: "a marker instead, and one beside it", csv: "E23000026,2024-03,stalking_charges,,,,p x,\n", loads: []string{bedfordshire + " | Mar 2024 | stalking_charges | - | p x"}},
		{name: "a breakdown and its total", csv: "E23000026,2024-03,stalking_charges,,,5,,\nE23000026,2024-03,stalking_charges,domestic,yes,3,,\n",
			loads: []string{bedfordshire + " | Mar 2024 | stalking_charges | 5", bedfordshire + " | Mar 2024 | stalking_charges | 3 | domestic | yes"}},
		{name: "a comment in quotes", csv: "E23000026,2024-03,stalking_charges,,,5,,\"one, and \"\"two\"\"\"\n", loads: []string{bedfordshire + ` | Mar 2024 | stalking_charges | 5 | one, and "two"`}},

		{name: "no value and no marker", csv: "E23000026,2024-03,stalking_charges,,,,,\n", rejects: []string{`2, value, "": a missing value needs one of the markers c, x, z or k`}},
		{name: "no value and a marker beside it", csv: "E23000026,2024-03,stalking_charges,,,,p,\n", rejects: []string{`2, value, "p": a missing value needs one of the markers c, x, z or k`}},
		{name: "a value and a marker instead", csv: "E23000026,2024-03,stalking_charges,,,5,c,\n", rejects: []string{`2, value, "5 c": a number and the marker "c" cannot stand together`}},
		{name: "an unknown marker", csv: "E23000026,2024-03,stalking_charges,,,5,*,\n", rejects: []string{`2, value_note, "*": "*" is not a marker: use c, x, z or k instead of a number, u, p, r, b or e beside one`}},
		{name: "a marker in the value", csv: "E23000026,2024-03,stalking_charges,,,c,,\n", rejects: []string{`2, value, "c": not a whole number: write the count in digits, or leave the cell empty and give a marker`}},
		{name: "below zero", csv: "E23000026,2024-03,stalking_charges,,,-1,,\n", rejects: []string{`2, value, "-1": a count cannot be below zero: send the corrected count of the period`}},
		{name: "only breakdown", csv: "E23000026,2024-03,stalking_charges,domestic,,5,,\n", rejects: []string{`2, breakdown_value, "": breakdown and breakdown_value go together: fill in both, or neither for a total`}},
		{name: "only breakdown_value", csv: "E23000026,2024-03,stalking_charges,,yes,5,,\n", rejects: []string{`2, breakdown_value, "yes": breakdown and breakdown_value go together: fill in both, or neither for a total`}},
		{name: "a bare year", csv: "E23000026,2024,stalking_charges,,,5,,\n", rejects: []string{`2, period, "2024": "2024" is not a period: write 2024-03, 2024/25 Q1, 2024/25 or 2024-01-01/2024-09-27`}},
		{name: "a comment without quotes", csv: "E23000026,2024-03,stalking_charges,,,5,,one, two\n", rejects: []string{`2, I, " two": there is no column here; quote a text that holds a comma`}},
		{name: "good and bad rows", csv: "E23000026,2024-03,stalking_charges,,,5,,\nE23000026,2024-04,stalking_charges,,,five,,\nE23000026,2024-05,stalking_charges,,,7,,\n",
			loads:   []string{bedfordshire + " | Mar 2024 | stalking_charges | 5", bedfordshire + " | May 2024 | stalking_charges | 7"},
			rejects: []string{`3, value, "five": not a whole number: write the count in digits, or leave the cell empty and give a marker`}},

		{name: "missing column", csv: "=" + strings.TrimSuffix(returnHeader, ",comment") + "\n", fault: `file.csv, row 1: the column "comment" is missing; ` + returnColumns},
		{name: "extra column", csv: "=" + returnHeader + ",division\n", fault: `file.csv, row 1, column I: this column is not expected here; ` + returnColumns},
		{name: "a column of people", csv: "=" + returnHeader + ",Officer\n", fault: "file.csv, row 1, column I: the name of this column says that it holds names, addresses, dates of birth, postcodes or free text; " +
			"take the column out: stalkstats must not be given personal data; " + returnColumns},
		{name: "no rows", csv: "", fault: "file.csv: the file has a header and no rows; put the figures below the header"},
		{name: "a quote that is never closed", csv: "E23000026,2024-03,stalking_charges,,,5,,\"oh\nE23000026,2024-04,stalking_charges,,,5,,\n",
			fault: `file.csv, row 2, column H: the quote that opens this cell on line 2 is never closed; put the whole cell in quotes and write each quote inside it twice ("")`},
		{name: "not UTF-8", csv: "E23000026,2024-03,stalking_charges,,,5,,caf\xe9\n", fault: `file.csv, row 2, column H: the text is not UTF-8; save the file again as "CSV UTF-8"`},
	})
}

// TestSlicesOfAReturn: what comes again for an area, period and measure
// replaces what was there with all its breakdowns, and nothing else.
func TestSlicesOfAReturn(t *testing.T) {
	r := read(t, "force_return", "f.csv", []byte(returnHeader+"\n"+
		"E23000026,2024-03,stalking_charges,,,5,,\nE23000026,2024-03,stalking_charges,domestic,yes,3,,\n"+
		"E23000026,2024-03,stalking_arrests,,,9,,\nE23000026,2024-04,stalking_charges,,,5,,\nE23000027,2024-03,stalking_charges,,,5,,\n"+
		"E23000026,2024-03-01/2024-03-31,spo_applied,,,5,,\nE23000026,2024-03,spo_applied,domestic,yes,5,,\n"), sheet.Limits{})
	accounted(t, r)
	slices := map[string]int{}
	for _, row := range r.rows {
		slices[row.(stats.Observation).Slice]++
	}
	if len(slices) != 5 || slices["E23000026 2024-03-01/2024-03-31 stalking_charges"] != 2 || slices["E23000026 2024-03-01/2024-03-31 spo_applied"] != 2 {
		t.Errorf("slices %v", slices)
	}
}

func TestForceReturnAsWorkbook(t *testing.T) {
	header := strings.ReplaceAll(returnHeader, ",", "|")
	for kind := range kinds {
		good := workbook(t, kind, table("Return", header, "E23000026|2024-03|stalking_charges|||5||"), table("Sheet2"))
		r := read(t, "force_return", "r."+kind, good, sheet.Limits{})
		accounted(t, r)
		if r.err != nil || len(r.rows) != 1 || r.rows[0].(stats.Observation).Origin != (stats.Origin{File: "r." + kind, Sheet: "Return", Row: 2}) {
			t.Errorf("%s: %v, %+v", kind, r.err, r.rows)
		}
		two := workbook(t, kind, table("Return", header, "E23000026|2024-03|stalking_charges|||5||"), table("Old", header))
		want := "r." + kind + ", sheet Old: this sheet is not expected; keep the table in one sheet and delete the others"
		if r := read(t, "force_return", "r."+kind, two, sheet.Limits{}); r.err == nil || r.err.Error() != want {
			t.Errorf("%s: %v, want %s", kind, r.err, want)
		}
	}
}

const publishedHeader = "area_code,area_name,measure,period,value,note"

func TestPublishedForceFigures(t *testing.T) {
	check(t, "published_force_figures", publishedHeader, figures, []layoutTest{
		{name: "a year", csv: "E23000026,Bedfordshire,stalking_charges,2021/22,96,\n", loads: []string{"E23000026 | year to Mar 2022 | stalking_charges | 96"}},
		{name: "first period of the orders", csv: "E23000026,Bedfordshire,spo_applied,2020-01-20/2021-03-31,4,\n", loads: []string{"E23000026 | 20 Jan 2020 to 31 Mar 2021 | spo_applied | 4"}},
		{name: "not answered", csv: "E23000026,Bedfordshire,spo_applied,2021/22,,x\n", loads: []string{"E23000026 | year to Mar 2022 | spo_applied | - | x"}},
		{name: "a force's other spelling", csv: "E23000034,\"London, City of\",stalking_charges,2021/22,\"1,001\",\n", loads: []string{"E23000034 | year to Mar 2022 | stalking_charges | 1001"}},
		{name: "name and code of two areas", csv: "E23000026,Cambridgeshire,stalking_charges,2021/22,96,\n", rejects: []string{`2, area_name, "Cambridgeshire": E23000026 is the code of Bedfordshire: name and code must be of one area`}},
		{name: "name that nobody knows", csv: "E23000026,Beds,stalking_charges,2021/22,96,\n", rejects: []string{`2, area_name, "Beds": E23000026 is the code of Bedfordshire: name and code must be of one area`}},
		{name: "unknown code", csv: "E23009999,Bedfordshire,stalking_charges,2021/22,96,\n", rejects: []string{`2, area_code, "E23009999": no area has this code: use the ONS code of a police force area, such as E23000026`}},
		{name: "no code", csv: ",Action Fraud,stalking_charges,2021/22,96,\n", rejects: []string{`2, area_code, "": no area has this code: use the ONS code of a police force area, such as E23000026`}},
		{name: "neither value nor marker", csv: "E23000026,Bedfordshire,stalking_charges,2021/22,,\n", rejects: []string{`2, value, "": a missing value needs one of the markers c, x, z or k`}},
		{name: "below zero", csv: "E23000026,Bedfordshire,stalking_charges,2021/22,-4,\n", rejects: []string{`2, value, "-4": a count cannot be below zero: take it from the publication again`}},
	})
}

// TestSampleFiles: every file of the default configuration is in order.
func TestSampleFiles(t *testing.T) {
	for _, layout := range []string{"home_office_recorded_crime", "published_force_figures", "force_return", "recommendation_register", "recommendation_progress"} {
		text, err := os.ReadFile("../../sample/" + layout + ".csv")
		if err != nil {
			t.Fatal(err)
		}
		r := read(t, layout, layout+".csv", text, sheet.Limits{})
		accounted(t, r)
		if r.err != nil || r.out.Rejected > 0 || r.out.Excluded() > 0 || r.out.Loaded < 6 {
			t.Errorf("%s: %v, %d loaded, %v", layout, r.err, r.out.Loaded, rejections(r))
		}
	}
}
