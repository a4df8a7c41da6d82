package parse_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/parse"
	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/stats"
)

const (
	arrestsHeader = "record_id,arrest_date,offence,domestic,online"
	chargesHeader = "record_id,charge_date,recorded_date,offence,basis"
	ordersHeader  = "order_id,person_id,stage,stage_date,applied_date"
)

var recordHeaders = map[string]string{"arrests": arrestsHeader, "charges": chargesHeader, "orders": ordersHeader}

// readRecords reads an extract on 27 September 2024.
func readRecords(t testing.TB, kind string, file []byte) result {
	t.Helper()
	in := parse.Input{File: "file.csv", Source: "test", Today: stats.Day(2024, 9, 27), Settings: parse.Settings{Area: "E23000026", Kind: kind}}
	r := readInput(t, "force_records", in, file, sheet.Limits{})
	accounted(t, r)
	return r
}

// counts is the figures that are not 0, and the totals that are, in short.
func counts(r result) []string {
	var all []string
	for _, row := range r.rows {
		o := row.(stats.Observation)
		if o.Value.Number == 0 && o.Breakdown != "" {
			continue
		}
		text := fmt.Sprintf("%s %s", o.Period.Label(), strings.TrimPrefix(o.Measure, "stalking_"))
		if o.Breakdown != "" {
			text += " " + o.Breakdown + " " + o.BreakdownValue
		}
		text += fmt.Sprintf(" %v", o.Value.Number)
		if o.Value.Markers != "" {
			text += " " + string(o.Value.Markers)
		}
		all = append(all, text)
	}
	return all
}

// A recordTest is an extract and what must come of it.
type recordTest struct {
	name     string
	csv      string
	counts   []string
	rejects  []string
	excludes []stats.Exclusion
	fault    string
}

func checkRecords(t *testing.T, kind string, tests []recordTest) {
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, whole := strings.CutPrefix(tt.csv, "=")
			if !whole {
				text = recordHeaders[kind] + "\n" + tt.csv
			}
			r := readRecords(t, kind, []byte(text))
			got := ""
			if r.err != nil {
				got = r.err.Error()
			}
			if got != tt.fault {
				t.Errorf("error %q, want %q", got, tt.fault)
			}
			if diff := cmp.Diff(tt.counts, counts(r)); diff != "" {
				t.Errorf("counted (-want +got):\n%s", diff)
			}
			if tt.fault != "" {
				return
			}
			if diff := cmp.Diff(tt.rejects, rejections(r)); diff != "" {
				t.Errorf("rejected (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.excludes, r.out.Exclusions()); diff != "" {
				t.Errorf("excluded (-want +got):\n%s", diff)
			}
		})
	}
}

const arrestColumns = "; the columns must be record_id, arrest_date, offence, domestic, online, named in the first row"

func TestArrests(t *testing.T) {
	again := []stats.Exclusion{{Reason: "record counted already", Rows: 1}}
	future := "arrest_date, \"\": the date is in the future: check the year"
	checkRecords(t, "arrests", []recordTest{
		{name: "both ways to write a day, and flags",
			csv: "1,2024-03-01,Stalking,yes,no\n2,31/03/2024 23:59,stalking offences,N,\n3,2024-03-05T00:00:00,8/65,no,TRUE\n",
			counts: []string{"Mar 2024 arrests 3", "Mar 2024 arrests domestic yes 1", "Mar 2024 arrests domestic no 2",
				"Mar 2024 arrests online yes 1", "Mar 2024 arrests online no 1", "Mar 2024 arrests online not known 1"}},
		{name: "nothing is known of a month that no row is of",
			csv: "1,2024-01-09,Stalking,yes,no\n2,2024-03-09,Stalking,yes,no\n",
			counts: []string{"Jan 2024 arrests 1", "Jan 2024 arrests domestic yes 1", "Jan 2024 arrests online no 1", "Feb 2024 arrests 0 x",
				"Mar 2024 arrests 1", "Mar 2024 arrests domestic yes 1", "Mar 2024 arrests online no 1"}},
		{name: "a row of another offence shows that the month is in the extract",
			csv:    "1,2024-01-09,Harassment,,\n2,2024-02-09,Stalking,,\n3,2024-02-10,theft of a vehicle,x,\n",
			counts: []string{"Jan 2024 arrests 0", "Feb 2024 arrests 1", "Feb 2024 arrests domestic not known 1", "Feb 2024 arrests online not known 1"},
			excludes: []stats.Exclusion{{Reason: "an offence that the mapping leaves out", Rows: 1},
				{Reason: "offence not mapped: theft of a vehicle (first in row 4)", Rows: 1}}},
		{name: "a repeat is counted once",
			csv:    "1,2024-03-01,Stalking,yes,no\n1,2024-03-01,Stalking,yes,no\n",
			counts: []string{"Mar 2024 arrests 1", "Mar 2024 arrests domestic yes 1", "Mar 2024 arrests online no 1"}, excludes: again},
		{name: "arrested for two offences, of which one counts",
			csv:      "1,2024-03-01,Harassment,yes,no\n1,2024-03-01,Stalking,yes,no\n1,2024-03-02,8/66,yes,no\n",
			counts:   []string{"Mar 2024 arrests 1", "Mar 2024 arrests domestic yes 1", "Mar 2024 arrests online no 1"},
			excludes: []stats.Exclusion{{Reason: "an offence that the mapping leaves out", Rows: 1}, again[0]}},
		{name: "a repeat in another month",
			csv: "1,2024-03-01,Stalking,yes,no\n1,2024-04-01,Stalking,yes,no\n",
			counts: []string{"Mar 2024 arrests 1 u", "Mar 2024 arrests domestic yes 1 u", "Mar 2024 arrests online no 1 u",
				"Apr 2024 arrests 0 u"},
			rejects: []string{`3, record_id, "": this record_id is in row 2 with another date: only one can be right`}},
		{name: "a repeat with another answer",
			csv:     "1,2024-03-01,Stalking,yes,no\n1,2024-03-01,Stalking,yes,yes\n",
			counts:  []string{"Mar 2024 arrests 1 u", "Mar 2024 arrests domestic yes 1 u", "Mar 2024 arrests online no 1 u"},
			rejects: []string{`3, record_id, "": this record_id is in row 2 with other answers: only one can be right`}},
		{name: "the month is not over, though the day is",
			csv:      "1,2024-09-01,Stalking,yes,no\n2,2024-08-31,Stalking,no,no\n",
			counts:   []string{"Aug 2024 arrests 1", "Aug 2024 arrests domestic no 1", "Aug 2024 arrests online no 1"},
			excludes: []stats.Exclusion{{Reason: "the month is not over", Rows: 1}}},
		{name: "only of a month that is not over", csv: "1,2024-09-01,Stalking,yes,no\n", excludes: []stats.Exclusion{{Reason: "the month is not over", Rows: 1}}},
		{name: "dates that cannot be",
			csv: "1,2024-09-28,Stalking,yes,no\n2,1989-12-31,Stalking,yes,no\n3,2012-11-24,Stalking,yes,no\n4,,Stalking,yes,no\n5,soon,Stalking,yes,no\n6,2024-08-01,Stalking,no,no\n",
			rejects: []string{"2, " + future, `3, arrest_date, "": the date is before 1990: check the year`,
				`4, arrest_date, "": stalking became an offence on 25 November 2012: check the year`,
				`5, arrest_date, "": the cell is empty: fill it in`,
				`6, arrest_date, "": not a date: write the day as 2024-09-27 or 27/09/2024; a time may follow, without a zone`},
			counts: []string{"Aug 2024 arrests 1 u", "Aug 2024 arrests domestic no 1 u", "Aug 2024 arrests online no 1 u"}},
		{name: "a date of another offence does not matter", csv: "1,never,Harassment,yes,no\n", excludes: []stats.Exclusion{{Reason: "an offence that the mapping leaves out", Rows: 1}}},
		{name: "what may be stalking is not left out unasked",
			csv:     "1,2024-03-01,Stalking / Harassment,yes,no\n",
			counts:  []string{"Mar 2024 arrests 0 u"},
			rejects: []string{`2, offence, "": this may be an offence of stalking, and the mapping does not have it (stalking/harassment): add the wording to the source's offences, as stalking or excluded`}},
		{name: "cells that hold nothing or too much",
			csv:    ",2024-03-01,Stalking,yes,no\n2,2024-03-01,,yes,no\n3,2024-03-01,Stalking,maybe,no\n4,2024-03-01,Stalking,yes,sometimes\n5,2024-03-01,Stalking,yes,no,,more\n",
			counts: []string{"Mar 2024 arrests 0 u"},
			rejects: []string{`2, record_id, "": the cell is empty: fill it in`, `3, offence, "": the cell is empty: fill it in`,
				`4, domestic, "": write yes, no or not known`, `5, online, "": write yes, no or not known`,
				`6, G, "": there is no column here; quote a text that holds a comma`}},
		{name: "a rejected row of a month that is not over casts no doubt on others",
			csv:     "1,2024-08-01,Stalking,yes,no\n2,2024-09-01,Stalking by post,yes,no\n",
			counts:  []string{"Aug 2024 arrests 1", "Aug 2024 arrests domestic yes 1", "Aug 2024 arrests online no 1"},
			rejects: []string{`3, offence, "": this may be an offence of stalking, and the mapping does not have it (stalking by […]): add the wording to the source's offences, as stalking or excluded`}},
		{name: "a mistyped year", csv: "1,2014-03-01,Stalking,yes,no\n2,2024-03-01,Stalking,yes,no\n",
			fault: "file.csv, row 3: no row is of the 119 months between Mar 2014 (row 2) and Mar 2024; look for a mistyped year; if there truly was nothing for so long, send the two parts as two files"},
		{name: "no rows", csv: "", fault: "file.csv: the file has a header and no rows; put the figures below the header"},
		{name: "no header", csv: "=1,2024-03-01,Stalking,yes,no\n", fault: "file.csv, row 1: the column record_id is missing" + arrestColumns},
		{name: "a column too few", csv: "=record_id,arrest_date,offence,domestic\n", fault: "file.csv, row 1: the column online is missing" + arrestColumns},
		{name: "a column too many", csv: "=" + arrestsHeader + ",division\n", fault: "file.csv, row 1, column F: this column is not expected here" + arrestColumns},
		{name: "a column twice", csv: "=" + arrestsHeader + ",online\n", fault: "file.csv, row 1, column F: this column is not expected here" + arrestColumns},
		{name: "a column without a name", csv: "=record_id,,arrest_date,offence,domestic,online\n", fault: "file.csv, row 1, column B: a column has no name" + arrestColumns},
		{name: "a personal column", csv: "=Suspect name," + arrestsHeader + "\n",
			fault: "file.csv, row 1, column A: the name of this column says that it holds names, addresses, dates of birth, postcodes or free text; take the column out: stalkstats must not be given personal data"},
		{name: "any order, any case", csv: "=Online, DOMESTIC,offence,arrest_date,record_id\nno,yes,Stalking,2024-03-01,1\n",
			counts: []string{"Mar 2024 arrests 1", "Mar 2024 arrests domestic yes 1", "Mar 2024 arrests online no 1"}},
		{name: "not UTF-8", csv: "1,2024-03-01,Stalking\xe9,yes,no\n", fault: `file.csv, row 2, column C: the text is not UTF-8; save the file again as "CSV UTF-8"`},
	})
}

func TestCharges(t *testing.T) {
	checkRecords(t, "charges", []recordTest{
		{name: "by the day of the charge, whenever it was recorded",
			csv: "1,2024-03-01,2023-11-05,Stalking,charge\n2,2024-03-02,,Stalking,Postal Charge\n3,2024-03-02,01/03/2024,Stalking,postal_charge\n4,2024-04-02,2024-03-02,Stalking,summons\n",
			counts: []string{"Mar 2024 charges 3", "Mar 2024 charges charge_type charge 1", "Mar 2024 charges charge_type postal charge 2",
				"Apr 2024 charges 1", "Apr 2024 charges charge_type summons 1"}},
		{name: "faults", csv: "1,2024-03-01,soon,Stalking,charge\n2,2024-03-01,2025-01-01,Stalking,charge\n3,2024-03-01,,Stalking,caution\n4,2024-03-01,,Stalking,\n5,2024-03-01,,Stalking,charge\n5,2024-03-01,,Stalking,summons\n",
			counts: []string{"Mar 2024 charges 1 u", "Mar 2024 charges charge_type charge 1 u"},
			rejects: []string{`2, recorded_date, "": not a date: write the day as 2024-09-27 or 27/09/2024; a time may follow, without a zone`,
				`3, recorded_date, "": the date is in the future: check the year`, `4, basis, "": write charge, postal charge or summons`,
				`5, basis, "": write charge, postal charge or summons`, `7, record_id, "": this record_id is in row 6 with other answers: only one can be right`}},
	})
}

// TestOrders: five orders for three people are five orders and three people.
func TestOrders(t *testing.T) {
	zeros := func(month string, but ...string) []string {
		all := []string{}
		for _, m := range []string{"spo_applied", "spo_interim_granted", "spo_full_granted", "spo_refused", "spo_withdrawn", "spo_breaches", "spo_expired", "spo_people_applied", "spo_people_granted"} {
			line := month + " " + m + " 0"
			for _, b := range but {
				if strings.HasPrefix(b, m+" ") {
					line = month + " " + b
				}
			}
			all = append(all, line)
		}
		return all
	}
	checkRecords(t, "orders", []recordTest{
		{name: "five orders, three people",
			csv: "O1,P1,interim_granted,2024-03-01,2024-02-20\nO2,P1,full_granted,2024-03-20,\nO3,P2,interim_granted,2024-03-02,\n" +
				"O4,P2,Full granted,2024-03-28,\nO5,P3,full_granted,2024-03-09,\n",
			counts: zeros("Mar 2024", "spo_interim_granted 2", "spo_full_granted 3", "spo_people_granted 3")},
		{name: "one order through its stages",
			csv: "O1,P1,applied,2024-02-20,2024-02-20\nO1,P1,interim_granted,2024-03-01,2024-02-20\nO1,P1,full_granted,2024-03-20,2024-02-20\n" +
				"O1,P1,breached,2024-03-21,2024-02-20\nO1,P1,breached,2024-03-22,\nO1,P1,breached,2024-03-22,\nO1,P1,expired,2024-04-01,\n",
			counts: slices.Concat(zeros("Feb 2024", "spo_applied 1", "spo_people_applied 1"),
				zeros("Mar 2024", "spo_interim_granted 1", "spo_full_granted 1", "spo_breaches 2", "spo_people_granted 1"), zeros("Apr 2024", "spo_expired 1")),
			excludes: []stats.Exclusion{{Reason: "record counted already", Rows: 1}}},
		{name: "a month without an order is 0",
			csv:    "O1,P1,refused,2024-02-20,\nO2,P2,refused,2024-04-20,\n",
			counts: slices.Concat(zeros("Feb 2024", "spo_refused 1"), zeros("Mar 2024"), zeros("Apr 2024", "spo_refused 1"))},
		{name: "people of one month do not add up over months",
			csv:    "O1,P1,refused,2024-02-20,\nO2,P1,applied,2024-02-21,\nO3,P1,applied,2024-03-21,\nO4,P1,applied,2024-03-22,\nO4,P1,withdrawn,2024-03-23,\n",
			counts: slices.Concat(zeros("Feb 2024", "spo_refused 1", "spo_applied 1", "spo_people_applied 1"), zeros("Mar 2024", "spo_applied 2", "spo_withdrawn 1", "spo_people_applied 1"))},
		{name: "faults",
			csv: "O1,P1,applied,2024-03-01,\nO1,P2,applied,2024-03-01,\nO1,P2,refused,2024-03-09,\nO1,P1,applied,2024-04-01,\nO2,,applied,2024-03-01,\n,P1,applied,2024-03-01,\n" +
				"O3,P3,granted,2024-03-01,\nO4,P4,applied,2019-12-01,\nO5,P5,refused,2024-03-01,2024-03-02\nO6,P6,applied,2024-03-01,2024-02-28\nO7,P7,applied,2024-03-01,soon\n",
			rejects: []string{`3, person_id, "": this order_id is in row 2 with another person_id: an order is of one person`,
				`4, person_id, "": this order_id is in row 2 with another person_id: an order is of one person`,
				`5, order_id, "": this order_id is in row 2 with another date: only one can be right`,
				`6, person_id, "": the cell is empty: fill it in`, `7, order_id, "": the cell is empty: fill it in`,
				`8, stage, "": write applied, interim_granted, full_granted, refused, withdrawn, expired or breached`,
				`9, stage_date, "": the orders began on 20 January 2020: check the year`,
				`10, applied_date, "": the application is later than this stage of it: mend one of the two dates`,
				`11, applied_date, "": this is another month than the stage_date of the application: mend one of the two dates`,
				`12, applied_date, "": not a date: write the day as 2024-09-27 or 27/09/2024; a time may follow, without a zone`},
			counts: []string{"Mar 2024 spo_applied 1 u", "Mar 2024 spo_interim_granted 0 u", "Mar 2024 spo_full_granted 0 u", "Mar 2024 spo_refused 0 u",
				"Mar 2024 spo_withdrawn 0 u", "Mar 2024 spo_breaches 0 u", "Mar 2024 spo_expired 0 u", "Mar 2024 spo_people_applied 1 u", "Mar 2024 spo_people_granted 0 u",
				"Apr 2024 spo_applied 0 u", "Apr 2024 spo_interim_granted 0 u", "Apr 2024 spo_full_granted 0 u", "Apr 2024 spo_refused 0 u",
				"Apr 2024 spo_withdrawn 0 u", "Apr 2024 spo_breaches 0 u", "Apr 2024 spo_expired 0 u", "Apr 2024 spo_people_applied 0 u", "Apr 2024 spo_people_granted 0 u"}},
		{name: "the month is not over", csv: "O1,P1,applied,2024-09-01,\n", excludes: []stats.Exclusion{{Reason: "the month is not over", Rows: 1}}},
	})
}

// TestCountedFigures: a figure says from how many rows it was counted, leads
// back to the first of them, and is in a slice of its own month.
func TestCountedFigures(t *testing.T) {
	r := readRecords(t, "charges", []byte("\n\n"+chargesHeader+"\n1,2024-03-01,,Theft,charge\n2,2024-03-01,,Stalking,charge\n3,2024-03-02,,Stalking,summons\n4,soon,,Stalking,summons\n5,2024-03-02,,Stalking,?\n6,2024-03-02,,Stalking,?\n"))
	figure := func(value float64, breakdown, of, note string, row int) stats.Observation {
		return stats.Observation{
			Key:   stats.Key{Measure: "stalking_charges", Area: "E23000026", Source: "test", Period: stats.Month(2024, 3), Breakdown: breakdown, BreakdownValue: of},
			Slice: "E23000026 2024-03-01/2024-03-31 stalking_charges", Value: stats.Number(value, stats.LowReliability),
			Note:   note + "; 2 rows of this month were rejected, so the count may be wrong; 1 row that may be of any month was rejected, so the count may be wrong",
			Origin: stats.Origin{File: "file.csv", Row: row},
		}
	}
	want := []any{
		figure(2, "", "", "counted from 2 rows of the extract", 5),
		figure(1, "charge_type", "charge", "counted from 1 row of the extract", 5),
		figure(0, "charge_type", "postal charge", "no row of the extract in this month", 3),
		figure(1, "charge_type", "summons", "counted from 1 row of the extract", 6),
	}
	if diff := cmp.Diff(want, r.rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRecordsAsWorkbook(t *testing.T) {
	header := strings.ReplaceAll(arrestsHeader, ",", "|")
	for kind := range kinds {
		r := readRecords(t, "arrests", workbook(t, kind, table("Jane Doe", header, "1|2024-03-01|Stalking|true|false", "2|soon|Stalking||"), table("Sheet2")))
		if r.err != nil || r.out.Loaded != 1 || len(r.rows) != 7 {
			t.Fatalf("%s: %v, %d rows loaded, %d figures", kind, r.err, r.out.Loaded, len(r.rows))
		}
		if o := r.rows[0].(stats.Observation).Origin; o != (stats.Origin{File: "file.csv", Row: 2}) || r.out.Rejections[0].Sheet != "" {
			t.Errorf("%s: origin %+v, rejection %+v", kind, o, r.out.Rejections[0])
		}
		two := readRecords(t, "arrests", workbook(t, kind, table("One", header, "1|2024-03-01|Stalking|true|false"), table("Jane Doe", header)))
		want := "file.csv: a second sheet holds rows; keep the table in one sheet and delete the others"
		if two.err == nil || two.err.Error() != want {
			t.Errorf("%s: %v, want %s", kind, two.err, want)
		}
	}
}

func TestRecordSettings(t *testing.T) {
	file := []byte(arrestsHeader + "\n1,2024-03-01,STALKING  / harassment,yes,no\n2,2024-03-01,Stalking,yes,no\n")
	for _, tt := range []struct {
		name     string
		settings parse.Settings
		loaded   uint64
		fault    string
	}{
		{"a mapping", parse.Settings{Area: "E23000026", Kind: "arrests", Offences: map[string]string{"Stalking/Harassment": parse.Stalking}}, 2, ""},
		{"against the default", parse.Settings{Area: "E23000026", Kind: "arrests", Offences: map[string]string{"stalking": parse.Excluded}}, 0, ""},
		{"no kind", parse.Settings{Area: "E23000026"}, 0, "file.csv: the source's settings do not say what the rows are; set kind to arrests, charges or orders"},
		{"no area", parse.Settings{Kind: "arrests"}, 0, "file.csv: the source's settings do not say which force the rows are of; set area to the force's ONS code, such as E23000026"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := readInput(t, "force_records", parse.Input{File: "file.csv", Source: "test", Today: stats.Day(2024, 9, 27), Settings: tt.settings}, file, sheet.Limits{})
			accounted(t, r)
			got := ""
			if r.err != nil {
				got = r.err.Error()
			}
			if got != tt.fault || r.out.Loaded != tt.loaded {
				t.Errorf("error %q, %d loaded; want %q, %d", got, r.out.Loaded, tt.fault, tt.loaded)
			}
		})
	}
}

// TestCountIsTakenOrRefused: what the check of a figure says ends the file.
func TestCountIsTakenOrRefused(t *testing.T) {
	text := arrestsHeader + "\n1,2024-03-01,Stalking,yes,no\n"
	book, err := sheet.Open(strings.NewReader(text), int64(len(text)), "f.csv", sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	p, _ := parse.Find("force_records")
	out := &parse.Output{Take: func(any) (*stats.Fault, error) { return &stats.Fault{Reason: "no measure has this name"}, nil }}
	err = p.Parse(parse.Input{Book: book, File: "f.csv", Today: stats.Day(2024, 9, 27), Settings: parse.Settings{Area: "E23000026", Kind: "arrests"}}, out)
	want := "f.csv: the count stalking_arrests of Mar 2024 cannot be loaded: no measure has this name; look at the source's settings and at the measures that are loaded"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

// examples, is counted without a fault once the month is over.
func TestTemplatesOfRecords(t *testing.T) {
	p, _ := parse.Find("force_records")
	for kind := range recordHeaders {
		in := parse.Input{File: "file.csv", Source: "test", Today: stats.Day(2024, 10, 1), Settings: parse.Settings{Area: "E23000026", Kind: kind}}
		r := readInput(t, "force_records", in, filled(t, p, kind), sheet.Limits{})
		accounted(t, r)
		if r.err != nil || r.out.Loaded != 1 || r.out.Read != 1 {
			t.Errorf("%s: %v, %d of %d rows loaded, %v", kind, r.err, r.out.Loaded, r.out.Read, rejections(r))
		}
	}
}
