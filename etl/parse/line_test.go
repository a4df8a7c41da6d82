package parse_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"stalkstats/etl/parse"
	"stalkstats/etl/parse/sheet"
)

const oneLineReason = "a line end or a tab stands in the cell: write it in one line, with a space there"

// TestNamesAndValuesAreOneLine: what is published beside a figure has no line end or
// tab in it, and words have a space there.
func TestNamesAndValuesAreOneLine(t *testing.T) {
	row := func(breakdownValue, comment string) string {
		return fmt.Sprintf("E23000026,2024-03,stalking_charges,relationship,\"%s\",5,,\"%s\"\n", breakdownValue, comment)
	}
	var tests []layoutTest
	for _, between := range []string{"\n", "\r\n", "\r", "\t", "\u2028", "\u2029"} {
		tests = append(tests,
			layoutTest{name: fmt.Sprintf("a value with %q", between), csv: row("x"+between+"y", ""), rejects: []string{`2, breakdown_value, "x y": ` + oneLineReason}},
			layoutTest{name: fmt.Sprintf("a measure with %q", between), csv: "E23000026,2024-03,\"stalking" + between + "charges\",,,5,,\n", rejects: []string{`2, measure, "stalking charges": ` + oneLineReason}},
			layoutTest{name: fmt.Sprintf("a comment with %q", between), csv: row("domestic", "one"+between+"two"), loads: []string{"E23000026 | Mar 2024 | stalking_charges | 5 | relationship | domestic | one two"}},
			layoutTest{name: fmt.Sprintf("%q round a value", between), csv: row(" domestic"+between, between+"one"), loads: []string{"E23000026 | Mar 2024 | stalking_charges | 5 | relationship | domestic | one"}})
	}
	tests = append(tests, layoutTest{name: "a cell too many", csv: "E23000026,2024-03,stalking_charges,,,5,,,\"x\ny\"\n", rejects: []string{`2, I, "x y": there is no column here; quote a text that holds a comma`}})
	check(t, "force_return", returnHeader, figures, tests)
}

// TestEveryColumnIsOneLine: of every layout of our own, whatever column a line end
// stands in, nothing is loaded that holds it.
func TestEveryColumnIsOneLine(t *testing.T) {
	tried := 0
	for _, p := range parse.Parsers() {
		for i, column := range p.Columns {
			cells := make([]string, len(p.Columns))
			for j, c := range p.Columns {
				cells[j] = `"` + c.Example + `"`
			}
			cells[i] = "\"a\nb\""
			var header []string
			for _, c := range p.Columns {
				header = append(header, c.Name)
			}
			r := read(t, p.Name, "f.csv", []byte(strings.Join(header, ",")+"\n"+strings.Join(cells, ",")+"\n"), sheet.Limits{})
			accounted(t, r)
			if r.err != nil {
				t.Fatalf("%s, %s: %v", p.Name, column.Name, r.err)
			}
			tried++
			for _, row := range r.rows {
				if shown := fmt.Sprintf("%#v", row); strings.ContainsFunc(shown, unicode.IsControl) || strings.Contains(shown, `\n`) {
					t.Errorf("%s, %s: loaded %s", p.Name, column.Name, shown)
				}
			}
			if len(r.rows) > 0 && !strings.Contains(fmt.Sprintf("%#v", r.rows), "a b") {
				t.Errorf("%s, %s: the words are not loaded: %#v", p.Name, column.Name, r.rows)
			}
			for _, rejection := range r.out.Rejections {
				if rejection.Value != "a b" || rejection.Column != column.Name || rejection.Reason != oneLineReason {
					t.Errorf("%s, %s: %+v", p.Name, column.Name, rejection)
				}
			}
		}
	}
	if tried < 40 {
		t.Errorf("only %d columns were tried", tried)
	}
}

// TestControlCharactersAreRefused: the whole file is, with the place.
func TestControlCharactersAreRefused(t *testing.T) {
	for _, cell := range []string{"a\x01b", "a\x1b[2Jb", "a\x7fb", "a\u0085b", "a\u009b2Jb"} {
		c := []rune(cell)[1]
		for kind := range kinds {
			if c < ' ' {
				continue // XML has no way to write it but the one that etl/parse/sheet tries
			}
			file := workbook(t, kind, table("Return", strings.ReplaceAll(returnHeader, ",", "|"), "E23000026|2024-03|stalking_charges|relationship|"+cell+"|5||"))
			want := fmt.Sprintf("r.%s, sheet Return, row 2, column E: the cell holds U+%04X, a control character, which nobody can see; take the character out, or type the text again, and save the file", kind, c)
			if r := read(t, "force_return", "r."+kind, file, sheet.Limits{}); r.err == nil || r.err.Error() != want {
				t.Errorf("%s: %v, want %s", kind, r.err, want)
			}
		}
		want := fmt.Sprintf("r.csv, row 2, column E: the cell holds U+%04X, a control character", c)
		file := returnHeader + "\nE23000026,2024-03,stalking_charges,relationship," + cell + ",5,,\n"
		if r := read(t, "force_return", "r.csv", []byte(file), sheet.Limits{}); r.err == nil || !strings.HasPrefix(r.err.Error(), want) {
			t.Errorf("%q: %v, want %s", cell, r.err, want)
		}
		records := recordsFault(t, cell)
		if records == nil || !strings.HasPrefix(records.Error(), "f.csv, row 2, column ") || strings.ContainsFunc(records.Error(), unicode.IsControl) {
			t.Errorf("records with %q: %v", cell, records)
		}
	}
}

// recordsFault is what reading a list of arrests with such a cell comes to.
func recordsFault(t *testing.T, cell string) error {
	r := read(t, "force_records", "f.csv", []byte(arrestsHeader+"\n"+strings.Repeat(cell+",", strings.Count(arrestsHeader, ","))+"\n"), sheet.Limits{})
	if len(r.rows) > 0 {
		t.Errorf("loaded %+v", r.rows)
	}
	return r.err
}
