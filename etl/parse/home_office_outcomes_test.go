package parse_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/parse"
	"stalkstats/etl/parse/sheet"
	"stalkstats/etl/parse/sheet/sheettest"
	"stalkstats/internal/stats"
)

const (
	notAnOutcome = "not a count of outcomes: it must be a whole number, or one of NA, N/A, N/A - data not provided and N/A - Offence code expired"
	notAType     = "not an outcome type: it must be a number such as 1 or 16, or 1a, 2a or 3a"
	addedUp      = "added up from the file’s rows for each outcome type"
	gapNote      = "Greater Manchester Police published nothing from July 2019 to March 2020; the file does not mark it"
	inGapNote    = "Greater Manchester Police is said to have published nothing from July 2019 to March 2020, and the file has a number: it may be a part of the truth only"
)

var (
	outcomesHeader  = strings.Join(sheettest.OutcomesHeader, ",")
	outcomesColumns = "the columns must be " + strings.Join(sheettest.OutcomesHeader, ", ")
)

// outcome is a line of the table for stalking in the first quarter of 2021/22;
// the counts are two cells.
func outcome(force, kind, counts string) string {
	return "2021/22,1," + force + ",8Q,Stalking,Violence against the person,Stalking and harassment,," + kind + ",An outcome,A group," + counts + "\n"
}

// at moves a line to another quarter.
func at(year, quarter, line string) string {
	return strings.Replace(line, "2021/22,1,", year+","+quarter+",", 1)
}

// byBasis is the figures in short with their basis, which is C for closed and
// R for recorded in the quarter.
func byBasis(r result) []string {
	var all []string
	for i, text := range figures(r) {
		basis := r.rows[i].(stats.Observation).Basis
		letter, ok := map[string]string{"closed in the quarter": "C", "recorded in the quarter": "R"}[basis]
		if !ok {
			letter = fmt.Sprintf("basis %q", basis)
		}
		all = append(all, letter+" "+text)
	}
	return all
}

// alone is the measures that count one outcome type.
var alone = map[string]string{"1": "stalking_charges", "14": "stalking_victim_does_not_support_no_suspect", "15": "stalking_evidential_difficulties",
	"16": "stalking_victim_does_not_support", "18": "stalking_no_suspect_identified"}

// ofKent is the figures of Kent that come of one quarter's rows: each line is
// an outcome type with the values on the two bases, the last the total's.
func ofKent(lines ...string) []string {
	var all []string
	add := func(measure, more string, values []string) {
		for i, letter := range []string{"R", "C"} {
			all = append(all, letter+" E23000032 | 2021/22 Q1 | "+measure+" | "+values[i]+more)
		}
	}
	for i, line := range lines {
		f := strings.Split(line, " / ")
		if i == len(lines)-1 {
			add("stalking_outcomes", " | "+addedUp, f)
			break
		}
		measure := alone[f[0]]
		for b, letter := range []string{"R", "C"} {
			if measure != "" {
				all = append(all, letter+" E23000032 | 2021/22 Q1 | "+measure+" | "+f[b+1])
			}
			all = append(all, letter+" E23000032 | 2021/22 Q1 | stalking_outcomes | "+f[b+1]+" | outcome_type | "+f[0])
		}
	}
	return all
}

func TestHomeOfficeOutcomes(t *testing.T) {
	one := func(values string) []string { return ofKent("14 / "+values, values) }
	const x, z, notEmpty = "- | x", "- | z", "the cell is empty: fill it in"
	left := func(reason string) []stats.Exclusion { return []stats.Exclusion{{Reason: reason, Rows: 1}} }
	check(t, "home_office_outcomes", outcomesHeader, byBasis, []layoutTest{
		{name: "both bases, charges, and a total", csv: outcome("Kent", "1", "5,7") + outcome("Kent", "14", "20,30") + outcome("Kent", "16", "100,0"),
			loads: ofKent("1 / 5 / 7", "14 / 20 / 30", "16 / 100 / 0", "125 / 37")},
		{name: "no row of type 1 is no charge of 0", csv: outcome("Kent", "14", "2,3") + outcome("Kent", "15", "1,1"), loads: ofKent("14 / 2 / 3", "15 / 1 / 1", "3 / 4")},
		{name: "a zero is a zero", csv: outcome("Kent", "1", "0,-00 "), loads: ofKent("1 / 0 / 0", "0 / 0")},
		{name: "padded, in thousands, of a spreadsheet", csv: outcome("Kent", "14", `" 1,234 ",7.0`), loads: one("1234 / 7")},
		{name: "taken back", csv: outcome("Kent", "1", "-1,4") + outcome("Kent", "18", "3,-6"), loads: ofKent("1 / -1 / 4", "18 / 3 / -6", "2 / -2")},
		{name: "Q1", csv: at("2021/22", "Q1", outcome("Kent", "14", "1,2")), loads: one("1 / 2")},
		{name: "1.0", csv: at("2021/22", "1.0", outcome("Kent", "14.0", "1,2")), loads: one("1 / 2")},
		{name: "code in lower case, padded", csv: strings.Replace(outcome("Kent", "14", "1,2"), ",8Q,", ", 8q ,", 1), loads: one("1 / 2")},
		{name: "another label", csv: strings.Replace(outcome("Kent", "14", "1,2"), ",Stalking,", ",STALKING offences,", 1), loads: one("1 / 2")},
		{name: "an expired code's flag", csv: strings.Replace(outcome("Kent", "14", "1,2"), ",,14,", ",x,14,", 1), loads: one("1 / 2")},
		{name: "columns in another order", csv: "=Outcome Type,Outcomes for investigations closed in the quarter,OUTCOMES for offences  that were recorded in the quarter,Financial Year,Financial Quarter,Force Name,Offence Code,Offence Description,Offence Group,Offence Subgroup,Offence code expired,Outcome Description,Outcome Group\n14,2,1,2021/22,1,Kent,8Q\n", loads: one("1 / 2")},
		{name: "a title above the header", csv: "=Outcomes open data\n\n" + outcomesHeader + "\n" + outcome("Kent", "14", "1,2"), loads: one("1 / 2")},
		{name: "British Transport Police", csv: outcome("British Transport Police", "14", "1,2"), loads: []string{
			"R BTP | 2021/22 Q1 | " + alone["14"] + " | 1", "R BTP | 2021/22 Q1 | stalking_outcomes | 1 | outcome_type | 14",
			"C BTP | 2021/22 Q1 | " + alone["14"] + " | 2", "C BTP | 2021/22 Q1 | stalking_outcomes | 2 | outcome_type | 14",
			"R BTP | 2021/22 Q1 | stalking_outcomes | 1 | " + addedUp, "C BTP | 2021/22 Q1 | stalking_outcomes | 2 | " + addedUp}},
		{name: "two quarters, mixed", csv: outcome("Kent", "14", "1,2") + at("2021/22", "2", outcome("Kent", "14", "5,6")) + outcome("Kent", "15", "3,4"), loads: append(
			ofKent("14 / 1 / 2", "15 / 3 / 4", "4 / 6"),
			strings.Split(strings.ReplaceAll(strings.Join(one("5 / 6"), "\n"), "Q1", "Q2"), "\n")...)},

		{name: "NA and N/A", csv: outcome("Kent", "14", "NA,N/A"), loads: one(x + " / " + x)},
		{name: "not provided", csv: outcome("Kent", "14", "N/A - data not provided, n/a  - Data Not Provided "), loads: one(x + " / " + x)},
		{name: "code expired", csv: outcome("Kent", "14", "N/A - Offence code expired,N/A - offence code expired"), loads: one(z + " / " + z)},
		{name: "a gap in one part, on one basis", csv: outcome("Kent", "1", "5,6") + outcome("Kent", "14", "N/A,7"), loads: ofKent("1 / 5 / 6", "14 / "+x+" / 7", x+" / 13")},
		{name: "a part that does not apply", csv: outcome("Kent", "1", "5,N/A - offence code expired") + outcome("Kent", "14", "N/A - offence code expired,N/A"),
			loads: ofKent("1 / 5 / "+z, "14 / "+z+" / "+x, x+" / "+x)},

		{name: "not yet assigned", csv: outcome("Kent", "14", "1,2") + outcome("Kent", "0", "500,900"), loads: one("1 / 2"), excludes: left("no outcome assigned yet (outcome type 0)")},
		{name: "parts of 1, 2 and 3", csv: outcome("Kent", "14", "1,2") + outcome("Kent", "1a", "5,5") + outcome("Kent", "2A", "5,5") + outcome("Kent", " 3a ", "5,5"), loads: one("1 / 2"),
			excludes: []stats.Exclusion{{Reason: "counted in another outcome type already (1a, 2a and 3a)", Rows: 3}}},
		{name: "another offence", csv: outcome("Kent", "14", "1,2") + strings.Replace(outcome("Kent", "14", "1,2"), "8Q", "8L", 1), loads: one("1 / 2"), excludes: left("another offence")},
		{name: "no force", csv: outcome("Kent", "14", "1,2") + outcome("Action Fraud", "14", "7,7"), loads: one("1 / 2"), excludes: left("not a police force: Action Fraud")},

		{name: "unknown force", csv: outcome("Kent", "14", "1,2") + outcome("Wessex", "14", "1,2"), loads: one("1 / 2")[:4], rejects: []string{`3, Force Name, "Wessex": ` + unknownForce}},
		{name: "unknown force in a row of another offence", csv: outcome("Kent", "14", "1,2") + strings.Replace(outcome("Wessex", "14", "1,2"), "8Q", "99", 1), loads: one("1 / 2"),
			rejects: []string{`3, Force Name, "Wessex": ` + unknownForce}},
		{name: "a rejected part leaves no total", csv: outcome("Kent", "1", "5,6") + outcome("Kent", "14", "seven,7"), loads: ofKent("1 / 5 / 6", "5 / 6")[:4],
			rejects: []string{`3, Outcomes for offences that were recorded in the quarter, "seven": ` + notAnOutcome}},
		{name: "and leaves the others theirs", csv: outcome("Kent", "1", "5,6") + at("2021/22", "2", outcome("Kent", "14", "1,7.5")), loads: ofKent("1 / 5 / 6", "5 / 6"),
			rejects: []string{`3, Outcomes for investigations closed in the quarter, "7.5": ` + notAnOutcome}},
		{name: "no count", csv: outcome("Kent", "1", ",6"), rejects: []string{`2, Outcomes for offences that were recorded in the quarter, "": ` + notAnOutcome}},
		{name: "another reason for no count", csv: outcome("Kent", "1", "6,N/A - other"), rejects: []string{`2, Outcomes for investigations closed in the quarter, "N/A - other": ` + notAnOutcome}},
		{name: "the same figure twice", csv: outcome("Kent", "14", "1,2") + outcome("KENT", "14", "1,2"), loads: one("1 / 2")[:4],
			rejects: []string{`3, Outcome Type, "14": row 2 has this quarter, force, code and outcome type already: only one can be right`}},
		{name: "an unknown outcome type", csv: outcome("Kent", "14", "1,2") + outcome("Kent", "4a", "1,2"), loads: one("1 / 2")[:4], rejects: []string{`3, Outcome Type, "4a": ` + notAType}},
		{name: "no outcome type", csv: outcome("Kent", "", "1,2"), rejects: []string{`2, Outcome Type, "": ` + notAType}},
		{name: "a fifth quarter", csv: outcome("Kent", "14", "1,2") + at("2021/22", "5", outcome("Kent", "15", "1,2")), loads: one("1 / 2")[:4], rejects: []string{`3, Financial Quarter, "2021/22 5": ` + notAQuarter}},
		{name: "a comma without quotes", csv: outcome("Kent", "14", "1,2") + outcome("London, City of", "14", "1,2"), loads: one("1 / 2")[:4],
			rejects: []string{`3, N, "2": there is no column here; quote a text that holds a comma`}},
		{name: "cut off in the middle", csv: outcome("Kent", "14", "1,2") + "2021/22,1,Kent",
			fault: "file.csv, row 3: the file looks cut off in its last line: that has no line end, and columns up to C where the header has them up to M; fetch the file again from where it came"},

		{name: "missing column", csv: "=" + strings.Replace(outcomesHeader, ",Outcome Type", "", 1) + "\n", fault: `file.csv, row 1: the column "Outcome Type" is missing; ` + outcomesColumns},
		{name: "extra column", csv: "=" + outcomesHeader + ",Region\n", fault: `file.csv, row 1, column N: the column "Region" is not expected here; ` + outcomesColumns},
		{name: "the table of recorded crime", csv: "=" + crimeHeader + "\n" + crime("Kent", "7"), fault: `file.csv, row 1: the column "Offence code expired" is missing; ` + outcomesColumns},
		{name: "another header", csv: "=" + returnHeader + "\n", fault: "file.csv: no sheet has the columns of the Home Office's table of outcomes; check that it is the right file; " + outcomesColumns},
		{name: "no rows", csv: "", fault: "file.csv: the file has a header and no rows; put the figures below the header"},
		{name: "no bytes", csv: "=", fault: "file.csv: the file is empty; fetch the file again from where it came"},
	})
}

// TestGreaterManchesterGap: from July 2019 to March 2020 the force published
// nothing, and the file does not say so.
func TestGreaterManchesterGap(t *testing.T) {
	const force = "E23000005 | 2019/20 "
	var text, want strings.Builder
	text.WriteString(outcomesHeader + "\n")
	for _, quarter := range []string{"1", "2", "3", "4"} {
		for _, line := range []string{outcome("Greater Manchester", "1", "0,0"), outcome("greater manchester", "14", ",5"), outcome("Greater Manchester", "15", "N/A,3")} {
			if quarter == "1" {
				line = strings.Replace(line, ",5\n", "4,5\n", 1) // an empty cell is wrong outside of the gap
			}
			text.WriteString(at("2019/20", quarter, line))
		}
	}
	add := func(format string, args ...any) { fmt.Fprintf(&want, format+"\n", args...) }
	add("R %sQ1 | stalking_charges | 0\nR %[1]sQ1 | stalking_outcomes | 0 | outcome_type | 1\nC %[1]sQ1 | stalking_charges | 0\nC %[1]sQ1 | stalking_outcomes | 0 | outcome_type | 1", force)
	add("R %sQ1 | %s | 4\nR %[1]sQ1 | stalking_outcomes | 4 | outcome_type | 14\nC %[1]sQ1 | %[2]s | 5\nC %[1]sQ1 | stalking_outcomes | 5 | outcome_type | 14", force, alone["14"])
	add("R %sQ1 | %s | - | x\nR %[1]sQ1 | stalking_outcomes | - | x | outcome_type | 15\nC %[1]sQ1 | %[2]s | 3\nC %[1]sQ1 | stalking_outcomes | 3 | outcome_type | 15", force, alone["15"])
	add("R %sQ1 | stalking_outcomes | - | x | %s\nC %[1]sQ1 | stalking_outcomes | 8 | %[2]s", force, addedUp)
	for _, quarter := range []string{"Q2", "Q3", "Q4"} {
		for _, basis := range []string{"R", "C"} {
			add("%s %s%s | stalking_charges | - | x | %s", basis, force, quarter, gapNote)
			add("%s %s%s | stalking_outcomes | - | x | outcome_type | 1 | %s", basis, force, quarter, gapNote)
		}
		for _, kind := range []string{"14", "15"} {
			closed := map[string]string{"14": "5", "15": "3"}[kind]
			add("R %s%s | %s | - | x | %s\nR %[1]s%[2]s | stalking_outcomes | - | x | outcome_type | %[5]s | %[4]s", force, quarter, alone[kind], gapNote, kind)
			add("C %s%s | %s | %s | u | %s\nC %[1]s%[2]s | stalking_outcomes | %[4]s | u | outcome_type | %[6]s | %[5]s", force, quarter, alone[kind], closed, inGapNote, kind)
		}
		for _, basis := range []string{"R", "C"} {
			add("%s %s%s | stalking_outcomes | - | x | %s; %s", basis, force, quarter, addedUp, gapNote)
		}
	}
	r := read(t, "home_office_outcomes", "f.csv", []byte(text.String()), sheet.Limits{})
	accounted(t, r)
	if diff := cmp.Diff(want.String(), strings.Join(byBasis(r), "\n")+"\n"); diff != "" || r.err != nil || len(r.out.Rejections) > 0 {
		t.Errorf("%v, rejected %v (-want +got):\n%s", r.err, rejections(r), diff)
	}
	// Elsewhere, and at other times, a zero is a zero and an empty cell a fault.
	for _, line := range []string{outcome("Kent", "1", "0,"), at("2020/21", "1", outcome("Greater Manchester", "1", "0,"))} {
		r := read(t, "home_office_outcomes", "f.csv", []byte(outcomesHeader+"\n"+line), sheet.Limits{})
		if r.out.Rejected != 1 {
			t.Errorf("%q is loaded as %v", line, figures(r))
		}
	}
}

// TestOutcomesOrigin: a figure leads back to its row, a total to its first, and
// all are of the slice of their year.
func TestOutcomesOrigin(t *testing.T) {
	text := outcomesHeader + "\n" + outcome("Kent", "0", "9,9") + outcome("Kent", "14", "1,2") + outcome("Kent", "1", "3,4")
	r := read(t, "home_office_outcomes", "f.csv", []byte(text), sheet.Limits{})
	var rows []int
	for _, row := range r.rows {
		o := row.(stats.Observation)
		if o.Slice != "2021/22" || o.Origin.File != "f.csv" {
			t.Errorf("%+v", o)
		}
		rows = append(rows, o.Origin.Row)
	}
	if diff := cmp.Diff([]int{3, 3, 3, 3, 4, 4, 4, 4, 3, 3}, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestOutcomeOffences(t *testing.T) {
	text := outcomesHeader + "\n"
	for _, code := range []string{"8L", " 8l", "8Q", "8R", "8M"} {
		for _, kind := range []string{"1", "16"} {
			text += strings.Replace(outcome("Kent", kind, "1,2"), "8Q", code, 1)
		}
	}
	text = strings.Replace(text, ", 8l,", ",8N,", 2)
	settings := parse.Settings{Offences: map[string]string{" 8l ": "harassment", "8n": "harassment", "8R": parse.Excluded}}
	r := readWith(t, "home_office_outcomes", "f.csv", []byte(text), sheet.Limits{}, settings)
	const codes = "added up from the file’s rows for each offence code"
	kent := "E23000032 | 2021/22 Q1 | harassment_"
	want := []string{
		"R " + kent + "charges | 2 | " + codes, "R " + kent + "outcomes | 2 | outcome_type | 1 | " + codes,
		"C " + kent + "charges | 4 | " + codes, "C " + kent + "outcomes | 4 | outcome_type | 1 | " + codes,
		"R " + kent + "outcomes | 2 | outcome_type | 16 | " + codes, "C " + kent + "outcomes | 4 | outcome_type | 16 | " + codes,
		"R " + kent + "outcomes | 4 | " + addedUp, "C " + kent + "outcomes | 8 | " + addedUp,
	}
	if diff := cmp.Diff(want, byBasis(r)); diff != "" || r.out.Read != 10 || r.out.Loaded != 4 || r.out.Excluded() != 6 {
		t.Errorf("%d rows loaded, %d excluded (-want +got):\n%s", r.out.Loaded, r.out.Excluded(), diff)
	}
	if diff := cmp.Diff(map[string]string{"8Q": "stalking"}, parse.DefaultOutcomeOffences()); diff != "" {
		t.Errorf("by default (-want +got):\n%s", diff)
	}
}

// TestOutcomesWorkbook: the sheet of the data is known by its header.
func TestOutcomesWorkbook(t *testing.T) {
	cells := func(lines ...string) []string {
		all := []string{strings.Join(sheettest.OutcomesHeader, "|")}
		for _, line := range lines {
			all = append(all, strings.ReplaceAll(strings.TrimSpace(line), ",", "|"))
		}
		return all
	}
	cover, notes, pivot := table("Cover_sheet", "Outcomes open data"), table("Notes", "Note|Text", "1|Figures are revised"), table("Pivot", sheettest.OutcomesHeader[0]+"|Sum")
	kent := outcome("Kent", "14", "1,2")
	one := ofKent("14 / 1 / 2", "1 / 2")
	earlier := func(figures []string) []string {
		return strings.Split(strings.ReplaceAll(strings.Join(figures, "\n"), "2021/22", "2013/14"), "\n")
	}
	header := cells()[0]
	for name, tt := range map[string]struct {
		sheets  []sheettest.Sheet
		loads   []string
		rejects []string
		fault   string
	}{
		"beside a cover, notes and a pivot":        {sheets: []sheettest.Sheet{cover, notes, pivot, table("Outcomes_open_data_2021_22", cells(kent)...)}, loads: one},
		"another name, at the front":               {sheets: []sheettest.Sheet{table("Outcomes open data 2021_22", cells(kent)...), table("Sheet2"), table("Contents", "a")}, loads: one},
		"the headers of a pivot count for nothing": {sheets: []sheettest.Sheet{table("Pivot", cells(outcome("Kent", "14", "9,9"))...), table("Data", cells(kent)...)}, loads: one},
		"two years":                     {sheets: []sheettest.Sheet{table("a", cells(kent)...), table("b", cells(at("2013/14", "1", kent))...)}, loads: append(slices.Clone(one), earlier(one)...)},
		"a quarter over two sheets":     {sheets: []sheettest.Sheet{table("a", cells(kent)...), table("b", cells(outcome("Kent", "15", "3,4"))...)}, loads: ofKent("14 / 1 / 2", "15 / 3 / 4", "4 / 6")},
		"the same row in two sheets":    {sheets: []sheettest.Sheet{table("a", cells(kent)...), table("b", cells(kent)...)}, loads: one[:4], rejects: []string{`b 2, Outcome Type, "14": row 2 of sheet a has this quarter, force, code and outcome type already: only one can be right`}},
		"no such sheet":                 {sheets: []sheettest.Sheet{cover, notes, pivot, table("Data", "a|b", "1|2")}, fault: ": no sheet has the columns of the Home Office's table of outcomes; check that it is the right file; " + outcomesColumns},
		"a column is missing":           {sheets: []sheettest.Sheet{cover, table("Data", strings.Replace(header, "|Offence Code", "", 1))}, fault: `, sheet Data, row 1: the column "Offence Code" is missing; ` + outcomesColumns},
		"a column too many":             {sheets: []sheettest.Sheet{cover, table("Data", header+"|Victim")}, fault: `, sheet Data, row 1, column N: the column "Victim" is not expected here; ` + outcomesColumns},
		"another wording in the header": {sheets: []sheettest.Sheet{table("Data", strings.Replace(header, "Outcomes for investigations", "Investigations", 1))}, fault: `, sheet Data, row 1: the column "Outcomes for investigations closed in the quarter" is missing; ` + outcomesColumns},
	} {
		for kind := range kinds {
			t.Run(name+", "+kind, func(t *testing.T) {
				r := read(t, "home_office_outcomes", "o."+kind, workbook(t, kind, tt.sheets...), sheet.Limits{})
				accounted(t, r)
				if tt.fault != "" {
					if r.err == nil || r.err.Error() != "o."+kind+tt.fault {
						t.Errorf("error %v, want %q", r.err, tt.fault)
					}
					return
				}
				if diff := cmp.Diff(tt.loads, byBasis(r)); diff != "" || r.err != nil {
					t.Errorf("%v, loaded (-want +got):\n%s", r.err, diff)
				}
				if diff := cmp.Diff(tt.rejects, rejections(r)); diff != "" {
					t.Errorf("rejected (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// row of its own, so the file is at fault. An error ends the reading.
func TestOutcomesThatTakeRefuses(t *testing.T) {
	text := outcomesHeader + "\n" + outcome("Kent", "1", "5,7") + outcome("Kent", "17", "20,30") + at("2021/22", "2", outcome("Kent", "17", "1,2"))
	refusing := func(refused func(stats.Observation) bool, stop error) (*parse.Output, []string, error) {
		var r result
		out := &parse.Output{Take: func(row any) (*stats.Fault, error) {
			if o := row.(stats.Observation); refused(o) {
				return &stats.Fault{Column: "measure", Value: o.Measure, Reason: "not wanted"}, stop
			}
			r.rows = append(r.rows, row)
			return nil, nil
		}}
		book, err := sheet.Open(strings.NewReader(text), int64(len(text)), "f.csv", sheet.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		p, _ := parse.Find("home_office_outcomes")
		err = p.Parse(parse.Input{Book: book, File: "f.csv", Source: "test", Areas: areas()}, out)
		return out, byBasis(r), err
	}

	firstQuarter := stats.Quarter(2021, 1)
	part := func(o stats.Observation) bool { return o.BreakdownValue == "17" && o.Period == firstQuarter }
	out, got, err := refusing(part, nil)
	second := strings.Split(strings.ReplaceAll(strings.Join(ofKent("17 / 1 / 2", "1 / 2"), "\n"), "Q1", "Q2"), "\n")
	if diff := cmp.Diff(append(ofKent("1 / 5 / 7", "0 / 0")[:4], second...), got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if out.Read != 3 || out.Loaded != 2 || out.Rejected != 1 || out.Rejections[0].Row != 3 {
		t.Errorf("read %d, loaded %d, rejected %+v", out.Read, out.Loaded, out.Rejections)
	}

	total := func(o stats.Observation) bool { return o.Breakdown == "" && o.Measure == "stalking_outcomes" }
	const says = `f.csv, row 2: the figure that is added up from this row on has the measure "stalking_outcomes": not wanted; mend the rows that it is added up from`
	if _, _, err := refusing(total, nil); err == nil || err.Error() != says {
		t.Errorf("error %v, want %q", err, says)
	}
	full := errors.New("the disk is full")
	for _, refused := range []func(stats.Observation) bool{part, total} {
		if _, _, err := refusing(refused, full); !errors.Is(err, full) {
			t.Errorf("error %v, want %v", err, full)
		}
	}
}
