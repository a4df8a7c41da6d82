package parse_test

import (
	"encoding/csv"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/parse"
	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/stats"
)

const (
	spoHeader = "area_code,period,applied,interim_granted,full_granted,refused,withdrawn,breached,people,value_note,comment"
	noCount   = "where there is none, write x (not available), z (not applicable) or c (confidential)"
)

func TestSPOReturns(t *testing.T) {
	const of = "E23000026 | Mar 2024 | "
	check(t, "spo_returns", spoHeader, figures, []layoutTest{
		{name: "a month", csv: "E23000026,2024-03,3,1,2,0,1,4,2,,\n", loads: []string{
			of + "spo_applied | 3", of + "spo_interim_granted | 1", of + "spo_full_granted | 2", of + "spo_refused | 0",
			of + "spo_withdrawn | 1", of + "spo_breaches | 4", of + "spo_people_granted | 2"}},
		{name: "padded, with markers", csv: " E23000026 , 2024-03 ,3 , 1, 2 ,x, z ,\"1,004\", c ,p e, demonstration \n", loads: []string{
			of + "spo_applied | 3 | e p | demonstration", of + "spo_interim_granted | 1 | e p | demonstration", of + "spo_full_granted | 2 | e p | demonstration", of + "spo_refused | - | x | demonstration",
			of + "spo_withdrawn | - | z | demonstration", of + "spo_breaches | 1004 | e p | demonstration", of + "spo_people_granted | - | c | demonstration"}},
		{name: "more granted than applied for", csv: "E23000039,2021/22,4,0,6,0,0,0,6,,\n", loads: []string{
			"E23000039 | year to Mar 2022 | spo_applied | 4", "E23000039 | year to Mar 2022 | spo_interim_granted | 0", "E23000039 | year to Mar 2022 | spo_full_granted | 6",
			"E23000039 | year to Mar 2022 | spo_refused | 0", "E23000039 | year to Mar 2022 | spo_withdrawn | 0", "E23000039 | year to Mar 2022 | spo_breaches | 0", "E23000039 | year to Mar 2022 | spo_people_granted | 6"}},
		{name: "an error of the spreadsheet", csv: "E23000026,2024-03,3,#DIV/0!,2,0,0,0,2,,\n", rejects: []string{`2, interim_granted, "#DIV/0!": this is an error of the spreadsheet and not a count: write the count; ` + noCount}},
		{name: "a reference that is gone", csv: "E23000026,2024-03,3,1,2,0,0,#REF!,2,,\n", rejects: []string{`2, breached, "#REF!": this is an error of the spreadsheet and not a count: write the count; ` + noCount}},
		{name: "not answered", csv: "E23000026,2024-03,3,1,2,n/a,0,0,2,,\n", rejects: []string{`2, refused, "n/a": not a count: write it in digits; ` + noCount}},
		{name: "a gap", csv: "E23000026,2024-03,3,1,2,,0,0,2,,\n", rejects: []string{`2, refused, "": the cell is empty, and a gap is not a zero: write 0 where there were none; ` + noCount}},
		{name: "two markers in a cell", csv: "E23000026,2024-03,3,1,2,x p,0,0,2,,\n", rejects: []string{`2, refused, "x p": not a count: write it in digits; ` + noCount}},
		{name: "a marker beside in a cell", csv: "E23000026,2024-03,3,1,2,p,0,0,2,,\n", rejects: []string{`2, refused, "p": not a count: write it in digits; ` + noCount}},
		{name: "half an order", csv: "E23000026,2024-03,3,1,2,0.5,0,0,2,,\n", rejects: []string{`2, refused, "0.5": not a count: write it in digits; ` + noCount}},
		{name: "below zero", csv: "E23000026,2024-03,3,1,2,-1,0,0,2,,\n", rejects: []string{`2, refused, "-1": a count cannot be below zero: send the corrected count of the period`}},
		{name: "a marker instead, beside", csv: "E23000026,2024-03,3,1,2,0,0,0,2,x,\n", rejects: []string{`2, value_note, "x": c, x, z and k stand in the cell of the count that they replace, not here`}},
		{name: "a marker that is none", csv: "E23000026,2024-03,3,1,2,0,0,0,2,*,\n", rejects: []string{`2, value_note, "*": "*" is not a marker: use c, x, z or k instead of a number, u, p, r, b or e beside one`}},
		{name: "more people than orders", csv: "E23000026,2024-03,3,1,2,0,0,0,4,,\n", rejects: []string{`2, people, "4": there are more people than orders granted (3): count each person once`}},
		{name: "orders against nobody", csv: "E23000026,2024-03,3,0,2,0,0,0,0,,\n", rejects: []string{`2, people, "0": orders were granted (2), so there are people against whom: count them, or write x`}},
		{name: "before there were orders", csv: "E23000026,2019-12,0,0,0,0,0,0,0,,\n", rejects: []string{`2, period, "2019-12": Stalking Protection Orders began on 20 January 2020: check the period`}},
		{name: "no period", csv: "E23000026,March 2024,0,0,0,0,0,0,0,,\n", rejects: []string{`2, period, "March 2024": "March 2024" is not a period: write 2024-03, 2024/25 Q1, 2024/25 or 2024-01-01/2024-09-27`}},
		{name: "no area", csv: "Bedfordshire,2024-03,0,0,0,0,0,0,0,,\n", rejects: []string{`2, area_code, "Bedfordshire": no area has this code: use the ONS code of a police force area, such as E23000026`}},
		{name: "a computed column", csv: "=" + spoHeader + ",total\n", fault: `file.csv, row 1, column L: this column is not expected here; the columns must be ` + strings.ReplaceAll(spoHeader, ",", ", ")},
		{name: "a cell too many", csv: "E23000026,2024-03,3,1,2,0,0,0,2,,one, two\n", rejects: []string{`2, L, " two": there is no column here; quote a text that holds a comma`}},
	})
}

// TestPeopleWithoutOrders: where a count is not known, none is held against it.
func TestPeopleWithoutOrders(t *testing.T) {
	for _, row := range []string{"3,x,2,0,0,0,4", "3,1,x,0,0,0,0", "3,1,2,0,0,0,x", "3,0,0,0,0,0,0"} {
		r := read(t, "spo_returns", "f.csv", []byte(spoHeader+"\nE23000026,2024-03,"+row+",,\n"), sheet.Limits{})
		accounted(t, r)
		if r.err != nil || r.out.Loaded != 1 || len(r.rows) != 7 {
			t.Errorf("%s: %v %v", row, r.err, rejections(r))
		}
	}
}

// TestTheYearInWhichOrdersBegan: it is of orders, though it starts before them.
func TestTheYearInWhichOrdersBegan(t *testing.T) {
	r := read(t, "spo_returns", "f.csv", []byte(spoHeader+"\nE23000026,2019/20,3,1,2,0,0,0,2,,\n"), sheet.Limits{})
	accounted(t, r)
	if r.err != nil || r.out.Loaded != 1 {
		t.Errorf("%v %v", r.err, rejections(r))
	}
}

func TestSPOReturnsAsWorkbook(t *testing.T) {
	lines := strings.Split(strings.ReplaceAll(spoHeader+"\nE23000026,2024-03,3,1,#REF!,0,0,0,2,,\nE23000026,2024-04,3,1,2,0,0,0,2,,", ",", "|"), "\n")
	for kind := range kinds {
		r := read(t, "spo_returns", "r."+kind, workbook(t, kind, table("Return", lines...), table("Sheet2")), sheet.Limits{})
		accounted(t, r)
		if r.err != nil || r.out.Loaded != 1 || len(r.out.Rejections) != 1 || r.out.Rejections[0].Origin != (stats.Origin{File: "r." + kind, Sheet: "Return", Row: 2}) {
			t.Errorf("%s: %v, %d loaded, %v", kind, r.err, r.out.Loaded, rejections(r))
		}
		want := "r." + kind + ", sheet Old: this sheet is not expected; keep the table in one sheet and delete the others"
		if r := read(t, "spo_returns", "r."+kind, workbook(t, kind, table("Return", lines...), table("Old", lines...)), sheet.Limits{}); r.err == nil || r.err.Error() != want {
			t.Errorf("%s: %v, want %s", kind, r.err, want)
		}
	}
}

// TestSlicesOfSPOReturns: what comes again for a force and period replaces all
// its counts and nothing else.
func TestSlicesOfSPOReturns(t *testing.T) {
	r := read(t, "spo_returns", "f.csv", []byte(spoHeader+"\nE23000026,2024-03,3,1,2,0,0,0,2,,\nE23000026,2024-04,3,1,2,0,0,0,2,,\n"), sheet.Limits{})
	accounted(t, r)
	slices := map[string]int{}
	for _, row := range r.rows {
		slices[row.(stats.Observation).Slice]++
	}
	want := map[string]int{"E23000026 2024-03-01/2024-03-31": 7, "E23000026 2024-04-01/2024-04-30": 7}
	if diff := cmp.Diff(want, slices); diff != "" {
		t.Errorf("slices (-want +got):\n%s", diff)
	}
}

// TestARowIsLoadedWholeOrNotAtAll: a first part that is refused refuses the
// row, and a later one the file, because the parts before it are taken.
func TestARowIsLoadedWholeOrNotAtAll(t *testing.T) {
	p, _ := parse.Find("spo_returns")
	for refused, want := range map[string]string{
		"spo_applied":        "",
		"spo_people_granted": `f.csv, row 2: measure "spo_people_granted": unknown; mend that and run the source again; nothing of the file is loaded`,
	} {
		text := spoHeader + "\nE23000026,2024-03,3,1,2,0,0,0,2,,\n"
		book, err := sheet.Open(strings.NewReader(text), int64(len(text)), "f.csv", sheet.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		taken := 0
		out := &parse.Output{Take: func(row any) (*stats.Fault, error) {
			if o := row.(stats.Observation); o.Measure == refused {
				return &stats.Fault{Column: "measure", Value: o.Measure, Reason: "unknown"}, nil
			}
			taken++
			return nil, nil
		}}
		got := ""
		if err := p.Parse(parse.Input{Book: book, File: "f.csv", Areas: areas()}, out); err != nil {
			got = err.Error()
		}
		if got != want || want == "" && (taken != 0 || out.Rejected != 1) || out.Loaded != 0 {
			t.Errorf("%s refused: %q, %d taken, %d rejected, %d loaded", refused, got, taken, out.Rejected, out.Loaded)
		}
	}
}

// TestAHandKeptSpreadsheet puts the cells of a real one, an answer to requests
// for information of 2021, into the columns of the return: what is a count is
// loaded, padding and all, and each cell that is none is named. The spreadsheet
// does not tell interim orders from full ones, nor people from orders.
func TestAHandKeptSpreadsheet(t *testing.T) {
	f, err := os.Open("sheet/testdata/messy_spo_foi_2021.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 40 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	var text strings.Builder
	w := csv.NewWriter(&text)
	write := func(cells ...string) {
		if err := w.Write(cells); err != nil {
			t.Fatal(err)
		}
	}
	write(strings.Split(spoHeader, ",")...)
	for _, row := range rows[1:] {
		// Granted, rejected and not heard; the last column is a charge rate.
		write(row[7], "2020-01-20/2020-12-31", row[5], "x", row[2], row[3], row[4], "x", "x", "", row[0])
	}
	write("E23000005", "2021-01", "1", "0", "1", "0", "0", rows[14][14], "1", "", rows[14][0])
	w.Flush()
	r := read(t, "spo_returns", "spo.csv", []byte(text.String()), sheet.Limits{})
	accounted(t, r)
	if r.err != nil || r.out.Loaded != uint64(len(rows)-1)-3 {
		t.Errorf("%v, %d rows loaded", r.err, r.out.Loaded)
	}
	gap := `"": the cell is empty, and a gap is not a zero: write 0 where there were none; ` + noCount
	want := []string{
		"23, full_granted, " + gap,
		"28, full_granted, " + gap,
		`31, refused, "n/a": not a count: write it in digits; ` + noCount,
		`44, breached, "#DIV/0!": this is an error of the spreadsheet and not a count: write the count; ` + noCount,
	}
	if diff := cmp.Diff(want, rejections(r)); diff != "" {
		t.Errorf("rejected (-want +got):\n%s", diff)
	}
	whole, err := os.ReadFile("sheet/testdata/messy_spo_foi_2021.csv")
	if err != nil {
		t.Fatal(err)
	}
	if r := read(t, "spo_returns", "spo.csv", whole, sheet.Limits{}); r.err == nil || !regexp.MustCompile(`^spo.csv, row 1: the column "area_code" is missing; the columns must be area_code, period, applied,`).MatchString(r.err.Error()) {
		t.Errorf("the spreadsheet itself: %v", r.err)
	}
}
