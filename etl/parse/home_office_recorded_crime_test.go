package parse_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/parse/sheet"
	"stalkstats/etl/parse/sheet/sheettest"
	"stalkstats/internal/stats"
)

const (
	crimeHeader  = "Financial Year,Financial Quarter,Force Name,Offence Description,Offence Group,Offence Subgroup,Offence Code,Number of Offences"
	crimeColumns = "the columns must be Financial Year, Financial Quarter, Force Name, Offence Description, Offence Group, Offence Subgroup, Offence Code, Number of Offences"
	unknownForce = "no area has this name: if it is a force, add the spelling to the areas file; if it is not, add it there as not_a_force"
	notACount    = "not a count of offences: it must be a whole number"
	notAQuarter  = "not a quarter of a financial year: it must be such as 2017/18 and 1 to 4"
)

// crime is a line of the table for stalking in the first quarter of 2017/18.
func crime(force, count string) string {
	return "2017/18,1," + force + ",Stalking,Violence against the person,Stalking and harassment,8Q," + count + "\n"
}

func stalking(area, value string) string {
	return area + " | 2017/18 Q1 | stalking_recorded | " + value
}

func TestHomeOfficeRecordedCrime(t *testing.T) {
	other := []stats.Exclusion{{Reason: "another offence", Rows: 1}}
	check(t, "home_office_recorded_crime", crimeHeader, figures, []layoutTest{
		{name: "padded", csv: crime("Bedfordshire", " 389 "), loads: []string{stalking("E23000026", "389")}},
		{name: "zero as -00", csv: crime("Cumbria", "-00 "), loads: []string{stalking("E23000002", "0")}},
		{name: "thousands", csv: crime("Kent", `" 1,234 "`), loads: []string{stalking("E23000032", "1234")}},
		{name: "millions", csv: crime("Kent", `"1,234,567"`), loads: []string{stalking("E23000032", "1234567")}},
		{name: "a real -1", csv: crime("Kent", `"-1 "`), loads: []string{stalking("E23000032", "-1")}},
		{name: "a float of a spreadsheet", csv: crime("Kent", "7.0"), loads: []string{stalking("E23000032", "7")}},
		{name: "byte order mark", csv: "=\ufeff" + crimeHeader + "\n" + crime("Kent", "7"), loads: []string{stalking("E23000032", "7")}},
		{name: "CRLF and blank ends", csv: "=" + strings.ReplaceAll(crimeHeader+"\n"+crime("Kent", "7")+"\n,,,,,,,\n\n", "\n", "\r\n"), loads: []string{stalking("E23000032", "7")}},
		{name: "blank lines between", csv: crime("Kent", "7") + "\n\n" + crime("Dorset", "8"), loads: []string{stalking("E23000032", "7"), stalking("E23000039", "8")}},
		{name: "no line end at the end", csv: strings.TrimSuffix(crime("Kent", "7"), "\n"), loads: []string{stalking("E23000032", "7")}},
		{name: "code in lower case", csv: strings.Replace(crime("Kent", "7"), "8Q", " 8q ", 1), loads: []string{stalking("E23000032", "7")}},
		{name: "another label", csv: strings.Replace(crime("Kent", "7"), ",Stalking,", ",STALKING offences,", 1), loads: []string{stalking("E23000032", "7")}},
		{name: "a label that misleads", csv: strings.Replace(crime("Kent", "7"), "8Q", "8A", 1), excludes: other},
		{name: "City of London", csv: crime(`"London, City of"`, "1"), loads: []string{stalking("E23000034", "1")}},
		{name: "a force's other spelling", csv: crime(" metropolitan  police", "1"), loads: []string{stalking("E23000001", "1")}},
		{name: "British Transport Police", csv: crime("British Transport Police", "5"), loads: []string{stalking("BTP", "5")}},
		{name: "columns in another order", csv: "=Number of Offences,Offence Code,force name,FINANCIAL  YEAR,Financial Quarter,Offence Description,Offence Group,Offence Subgroup\n7,8Q,Kent,2017/18,Q1,,,\n", loads: []string{stalking("E23000032", "7")}},
		{name: "Q1", csv: strings.Replace(crime("Kent", "7"), ",1,", ",Q1,", 1), loads: []string{stalking("E23000032", "7")}},
		{name: "no force", csv: crime("Action Fraud", "7") + crime("CIFAS", "7") + crime("UK Finance", "7") + crime("Financial Fraud Action UK", "7"), excludes: []stats.Exclusion{
			{Reason: "not a police force: Action Fraud", Rows: 1}, {Reason: "not a police force: CIFAS", Rows: 1},
			{Reason: "not a police force: Financial Fraud Action UK", Rows: 1}, {Reason: "not a police force: UK Finance", Rows: 1}}},
		{name: "homicide stands four times", csv: strings.Repeat("2017/18,1,Kent,Homicide,Violence,Homicide,1/4.1/4.10/4.2,3\n", 4), excludes: []stats.Exclusion{{Reason: "another offence", Rows: 4}}},
		{name: "the four codes", csv: crime("Kent", "1") + strings.Replace(crime("Kent", "2"), "8Q", "8L", 1) + strings.Replace(crime("Kent", "3"), "8Q", "8R", 1) + strings.Replace(crime("Kent", "4"), "8Q", "8M", 1), loads: []string{
			stalking("E23000032", "1"), "E23000032 | 2017/18 Q1 | harassment_recorded | 2",
			"E23000032 | 2017/18 Q1 | malicious_communications_recorded | 3", "E23000032 | 2017/18 Q1 | aggravated_harassment_recorded | 4"}},

		{name: "unknown force", csv: crime("Wessex", "7"), rejects: []string{`2, Force Name, "Wessex": ` + unknownForce}},
		{name: "unknown force in a row of another offence", csv: strings.Replace(crime("Wessex", "7"), "8Q", "99", 1), rejects: []string{`2, Force Name, "Wessex": ` + unknownForce}},
		{name: "no force's name", csv: crime("", "7"), rejects: []string{`2, Force Name, "": ` + unknownForce}},
		{name: "text for a count", csv: crime("Kent", "seven"), rejects: []string{`2, Number of Offences, "seven": ` + notACount}},
		{name: "no count", csv: crime("Kent", ""), rejects: []string{`2, Number of Offences, "": ` + notACount}},
		{name: "part of an offence", csv: crime("Kent", "7.5"), rejects: []string{`2, Number of Offences, "7.5": ` + notACount}},
		{name: "a figure of a spreadsheet", csv: crime("Kent", "1E+3"), rejects: []string{`2, Number of Offences, "1E+3": ` + notACount}},
		{name: "thousands in the wrong place", csv: crime("Kent", `"12,34"`), rejects: []string{`2, Number of Offences, "12,34": ` + notACount}},
		{name: "a fifth quarter", csv: strings.Replace(crime("Kent", "7"), ",1,", ",5,", 1), rejects: []string{`2, Financial Quarter, "2017/18 5": ` + notAQuarter}},
		{name: "no year", csv: strings.Replace(crime("Kent", "7"), "2017/18", "2017", 1), rejects: []string{`2, Financial Quarter, "2017 1": ` + notAQuarter}},
		{name: "the same figure twice", csv: crime("Kent", "7") + crime("Dorset", "7") + crime(" KENT", "8"), loads: []string{stalking("E23000032", "7"), stalking("E23000039", "7")},
			rejects: []string{`4, Offence Code, "8Q": row 2 has this quarter, force and code already: only one can be right`}},
		{name: "a comma without quotes", csv: "2017/18,1,Kent,Stalking, all,Violence against the person,Stalking and harassment,8Q,7\n",
			rejects: []string{`2, I, "7": there is no column here; quote a text that holds a comma`}},
		{name: "cut off in the middle", csv: crime("Kent", "7") + "2017/18,1,Dorset,Stalking,Viol",
			fault: "file.csv, row 3: the file looks cut off in its last line: that has no line end, and columns up to E where the header has them up to H; fetch the file again from where it came"},

		{name: "missing column", csv: "=" + strings.TrimSuffix(crimeHeader, ",Number of Offences") + "\n", fault: `file.csv, row 1: the column "Number of Offences" is missing; ` + crimeColumns},
		{name: "extra column", csv: "=" + crimeHeader + ",Offence code expired\n", fault: `file.csv, row 1, column I: the column "Offence code expired" is not expected here; ` + crimeColumns},
		{name: "a column twice", csv: "=" + crimeHeader + ",Force Name\n", fault: `file.csv, row 1, column I: the column "Force Name" is not expected here; ` + crimeColumns},
		{name: "another header", csv: "=a,b\n1,2\n", fault: `file.csv, row 1: the column "Financial Year" is missing; ` + crimeColumns},
		{name: "a title above the header", csv: "=Police recorded crime\n" + crimeHeader + "\n", fault: `file.csv, row 1: the column "Financial Year" is missing; ` + crimeColumns},
		{name: "no rows", csv: "", fault: "file.csv: the file has a header and no rows; put the figures below the header"},
		{name: "line ends alone", csv: "=\r\n\r\n", fault: "file.csv: the file is empty; fetch the file again from where it came"},
		{name: "no bytes", csv: "=", fault: "file.csv: the file is empty; fetch the file again from where it came"},
	})
}

const crimeSheetHeader = "Financial Year|Financial Quarter|Force Name|Offence Description|Offence Group|Offence Subgroup|Offence Code|Number of Offences"

func TestHomeOfficeWorkbook(t *testing.T) {
	const sheetNames = "the sheet's name is not a financial year; check that this is the police force area table; its sheets are named 2012_13, 2013_14 and so on"
	cover := table("Cover_sheet", "Police recorded crime", "Published 23 July 2026")
	notes := table("Notes_", "1|Figures are subject to revision")
	year := func(name, label string, rows ...string) sheettest.Sheet {
		lines := []string{crimeSheetHeader}
		for _, row := range rows {
			lines = append(lines, label+"|"+row)
		}
		return table(name, lines...)
	}
	const kent, dorset = "1|Kent|Stalking|V|S|8Q|7", "2|Dorset|Stalking|V|S|8Q|8"
	for name, tt := range map[string]struct {
		sheets  []sheettest.Sheet
		loads   []string
		rejects []string
		fault   string
	}{
		"cover, notes and years": {
			sheets: []sheettest.Sheet{cover, notes, year("2012_13", "2012/13", kent), year("2013_14", "2013/14", kent, dorset)},
			loads: []string{"E23000032 | 2012/13 Q1 | stalking_recorded | 7", "E23000032 | 2013/14 Q1 | stalking_recorded | 7",
				"E23000039 | 2013/14 Q2 | stalking_recorded | 8"},
		},
		"a sheet named as in an older edition": {
			sheets: []sheettest.Sheet{cover, year("2019-20", "2019/20", kent)},
			loads:  []string{"E23000032 | 2019/20 Q1 | stalking_recorded | 7"},
		},
		"the wrong year in a sheet": {
			sheets:  []sheettest.Sheet{year("2012_13", "2012/13", kent), year("2013_14", "2012/13", dorset)},
			loads:   []string{"E23000032 | 2012/13 Q1 | stalking_recorded | 7"},
			rejects: []string{`2013_14 2, Financial Year, "2012/13": the sheet is of 2013/14: the row belongs to another sheet`},
		},
		"one year in two sheets": {
			sheets:  []sheettest.Sheet{year("2012_13", "2012/13", kent), year("2012-13", "2012/13", kent)},
			loads:   []string{"E23000032 | 2012/13 Q1 | stalking_recorded | 7"},
			rejects: []string{`2012-13 2, Offence Code, "8Q": row 2 of sheet 2012_13 has this quarter, force and code already: only one can be right`},
		},
		"an unknown sheet":       {sheets: []sheettest.Sheet{cover, year("2012_13", "2012/13", kent), table("Pivot", "a")}, fault: "sheet Pivot: " + sheetNames},
		"years as one sheet":     {sheets: []sheettest.Sheet{year("Data", "2012/13", kent)}, fault: "sheet Data: " + sheetNames},
		"an empty year":          {sheets: []sheettest.Sheet{year("2012_13", "2012/13", kent), table("2013_14")}, fault: "sheet 2013_14: there is no header; the first row must hold " + strings.ReplaceAll(crimeSheetHeader, "|", ", ")},
		"a column too many":      {sheets: []sheettest.Sheet{table("2012_13", crimeSheetHeader+"|More")}, fault: `sheet 2012_13, row 1, column I: the column "More" is not expected here; ` + crimeColumns},
		"a column is missing":    {sheets: []sheettest.Sheet{table("2012_13", "Financial Year|Force Name")}, fault: `sheet 2012_13, row 1: the column "Financial Quarter" is missing; ` + crimeColumns},
		"a column has no header": {sheets: []sheettest.Sheet{table("2012_13", "Financial Year||Financial Quarter|Force Name|Offence Description|Offence Group|Offence Subgroup|Offence Code|Number of Offences")}, fault: "sheet 2012_13, row 1, column B: a column has no name; " + crimeColumns},
		"nothing but a cover":    {sheets: []sheettest.Sheet{cover, notes}, fault: "no sheet is named after a financial year; check that this is the police force area table; its sheets are named 2012_13, 2013_14 and so on"},
	} {
		for kind := range kinds {
			t.Run(name+", "+kind, func(t *testing.T) {
				r := read(t, "home_office_recorded_crime", "prc."+kind, workbook(t, kind, tt.sheets...), sheet.Limits{})
				accounted(t, r)
				if tt.fault != "" {
					if r.err == nil || !strings.HasPrefix(r.err.Error(), "prc."+kind) || !strings.HasSuffix(r.err.Error(), tt.fault) {
						t.Errorf("error %v, want %q", r.err, tt.fault)
					}
					return
				}
				if r.err != nil {
					t.Fatal(r.err)
				}
				if diff := cmp.Diff(tt.loads, figures(r)); diff != "" {
					t.Errorf("loaded (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tt.rejects, rejections(r)); diff != "" {
					t.Errorf("rejected (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestTheKindsOfFileGiveTheSameFigures takes the real table of 2017/18 as the
// CSV that it is, and as the ODS and the XLSX that its rows make.
func TestTheKindsOfFileGiveTheSameFigures(t *testing.T) {
	text, err := os.ReadFile("../../sample/home_office_recorded_crime.csv")
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	sample := sheettest.Sheet{Name: "2017_18", Rows: func(yield func([]any) bool) {
		for _, record := range records {
			var cells []any
			for _, cell := range record {
				cells = append(cells, cell)
			}
			if !yield(cells) {
				return
			}
		}
	}}
	want := read(t, "home_office_recorded_crime", "sample", text, sheet.Limits{})
	accounted(t, want)
	if want.err != nil || len(want.rows) != 704 {
		t.Fatalf("%d figures, %v", len(want.rows), want.err)
	}
	for kind := range kinds {
		got := read(t, "home_office_recorded_crime", "sample", workbook(t, kind, sample), sheet.Limits{})
		accounted(t, got)
		if got.err != nil {
			t.Errorf("%s: %v", kind, got.err)
		}
		// The one difference: a workbook's rows stand in a sheet.
		for i, row := range got.rows {
			o := row.(stats.Observation)
			if o.Origin.Sheet != "2017_18" {
				t.Fatalf("%s: %+v", kind, o.Origin)
			}
			o.Origin.Sheet = ""
			got.rows[i] = o
		}
		if diff := cmp.Diff(want.rows, got.rows); diff != "" {
			t.Errorf("%s (-CSV +%s):\n%s", kind, kind, diff)
		}
	}
	var lines bytes.Buffer
	if err := sheettest.WriteCSV(&lines, sample); err != nil {
		t.Fatal(err)
	}
	if again := read(t, "home_office_recorded_crime", "sample", lines.Bytes(), sheet.Limits{}); again.err != nil || cmp.Diff(want.rows, again.rows) != "" {
		t.Errorf("CSV written again: %v\n%s", again.err, cmp.Diff(want.rows, again.rows))
	}
}

// TestNumbersAreNumbersOrText: a workbook may hold a count and a quarter as
// either.
func TestNumbersAreNumbersOrText(t *testing.T) {
	header := table("", crimeSheetHeader)
	rows := sheettest.Sheet{Name: "2017_18", Rows: func(yield func([]any) bool) {
		header.Rows(yield)
		for i, cells := range [][]any{{1, 1234}, {"2", "1,235 "}, {3.0, 1236.0}, {"Q4", " -00 "}} {
			if !yield([]any{"2017/18", cells[0], "Kent", "Stalking", nil, nil, "8Q", cells[1]}) || i > 3 {
				return
			}
		}
	}}
	want := []string{}
	for i, n := range []int{1234, 1235, 1236, 0} {
		want = append(want, fmt.Sprintf("E23000032 | 2017/18 Q%d | stalking_recorded | %d", i+1, n))
	}
	for kind := range kinds {
		r := read(t, "home_office_recorded_crime", "f", workbook(t, kind, rows), sheet.Limits{})
		accounted(t, r)
		if diff := cmp.Diff(want, figures(r)); diff != "" || r.err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", kind, r.err, diff)
		}
	}
}
