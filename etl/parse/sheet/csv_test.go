package sheet_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/parse/sheet"
)

// wide is text as UTF-16 with its mark.
func wide(text string, bigEndian bool) string {
	var out bytes.Buffer
	for _, u := range utf16.Encode([]rune("\ufeff" + text)) {
		if bigEndian {
			out.Write([]byte{byte(u >> 8), byte(u)})
		} else {
			out.Write([]byte{byte(u), byte(u >> 8)})
		}
	}
	return out.String()
}

func TestCSV(t *testing.T) {
	plain := []numbered{{1, []string{"Force", "n"}}, {2, []string{"Dyfed–Powys", " 389 "}}}
	tests := []struct {
		name, text string
		want       []numbered
	}{
		{"padding is kept", "Force,n\nDyfed–Powys, 389 ", plain},
		{"byte order mark, CR LF", "\ufeffForce,n\r\nDyfed–Powys, 389 \r\n", plain},
		{"lone CR", "Force,n\rDyfed–Powys, 389 \r", plain},
		{"UTF-16, tabs", wide("Force\tn\r\nDyfed–Powys\t 389 \r\n", false), plain},
		{"UTF-16 the other way round, commas", wide("Force,n\nDyfed–Powys, 389 \n", true), plain},
		{"UTF-16 with characters of two units", wide("a,😀\n", false), []numbered{{1, []string{"a", "😀"}}}},
		{"mixed line ends, blank lines and empty rows count", "\n\r\n,,\r\ra,,b,,\n\"\",\"\"\n x\n", []numbered{{5, []string{"a", "", "b"}}, {7, []string{" x"}}}},
		{"quotes", "\"a,\"\"b\"\"\",\"1\r\n2\r3\n4\"\nx\n", []numbered{{1, []string{`a,"b"`, "1\n2\n3\n4"}}, {5, []string{"x"}}}},
		{"tab in a file with commas", "a\tb,c\n", []numbered{{1, []string{"a\tb", "c"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readAll([]byte(tt.text), "f.csv", sheet.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]table{{Rows: tt.want}}, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCSVFaults(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"bare quote", "a,b\n1,5\" wide\n", "f.csv, row 2, column B: a quote stands in the middle of a cell that does not begin with one; put the whole cell"},
		{"text after a quote", "\"a\"b\n", "row 1, column A: text follows the closing quote of the cell"},
		{"unclosed quote", "a\nb,\"c\nd\n", "f.csv, row 2, column B: the quote that opens this cell on line 2 is never closed"},
		{"unclosed quote in a large file", "a\n\"" + strings.Repeat("x,y\n", 20000), "row 2, column A: the cell in quotes that begins on line 2 holds more than 32768 bytes"},
		{"semicolons", "a;b;c\n1;2;3\n", "f.csv, row 1: the cells are separated by semicolons; save the file as an Excel workbook (.xlsx), or as CSV with commas"},
		{"cut off in a cell", "a,b,c\n1,2,3\n4,5", "f.csv, row 3: the file looks cut off in its last line: that has no line end, and columns up to B where the header has them up to C; fetch the file again"},
		{"cut off in quotes", "a,b,c\n1,2,3\n4,\"5", "f.csv, row 3, column B: the file looks cut off in its last line: the quote that opens this cell is never closed"},
		{"zero byte", "a,\x00\n", "row 1, column B: a zero byte stands in the text"},
		{"Windows-1252", "a,b\n1,\xa3\n", `row 2, column B: the text is not UTF-8; save the file again as "CSV UTF-8"`},
		{"half a character in UTF-16", wide("a,b\n1,", false) + "\x00\xd8", "row 2, column B: the text is not UTF-8"},
		{"odd number of bytes in UTF-16", wide("a,b\n1,2", false) + "x", "row 2, column B: the text is not UTF-8"},
		{"long cell", strings.Repeat("x", 40000), "row 1, column A: the cell holds more than 32768 bytes"},
		{"many columns", strings.Repeat("x,", 2000), "row 1, column AMK: the row has more than 1024 columns"},
		{"only a mark", "\ufeff", "f.csv: the file is empty"},
		{"only line ends", "\r\n\n", "f.csv: the file is empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readAll([]byte(tt.text), "f.csv", sheet.Limits{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// standard reads with encoding/csv and leaves out what this package leaves out.
func standard(text string) ([][]string, bool) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	r.FieldsPerRecord = -1
	var rows [][]string
	for {
		record, err := r.Read()
		if err == io.EOF {
			return rows, true
		}
		if err != nil {
			return nil, false
		}
		for len(record) > 0 && record[len(record)-1] == "" {
			record = record[:len(record)-1]
		}
		if len(record) > 0 {
			rows = append(rows, record)
		}
	}
}

// FuzzCSV compares with encoding/csv wherever both read the text. A lone CR is
// a line end here and text there; a line of tabs is one cell there.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"a,b\n1,\"2\n3\"\n", "\ufeffa\r\n\"\"\"\"\r\n", "a\rb", "\xff\xfea\x00\n\x00", "\"", "a\"b", "\x00", "a\tb\n", " 389 ,-00 \n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := readAll(file, "f", sheet.Limits{MaxRows: 1 << 16})
		text := string(file)
		if err != nil || strings.Contains(strings.ReplaceAll(text, "\r\n", "\n"), "\r") || !utf8.ValidString(text) || strings.Contains(text, "\t") || strings.HasPrefix(text, "PK") {
			return
		}
		want, ok := standard(text)
		if !ok || len(got) != 1 {
			return
		}
		var rows [][]string
		for _, r := range got[0].Rows {
			rows = append(rows, r.Cells)
		}
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Errorf("encoding/csv and this package (-want +got):\n%s", diff)
		}
	})
}

// TestPublishedCSV reads excerpts of published files, with their padding,
// thousands in quotes and errors of formulas, as encoding/csv does.
func TestPublishedCSV(t *testing.T) {
	names, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, ok := standard(string(file))
		got, err := readAll(file, filepath.Base(name), sheet.Limits{})
		if err != nil || !ok {
			t.Fatal(name, ok, err)
		}
		var rows [][]string
		for _, r := range got[0].Rows {
			rows = append(rows, r.Cells)
		}
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestPlainAndQuotedAgree: a row that is read in one pass and the same row in
// quotes, which is not, are the same, wherever the buffer ends in them.
func TestPlainAndQuotedAgree(t *testing.T) {
	var plain, quoted strings.Builder
	for i := range 20_000 {
		cells := []string{strings.Repeat("x", i%37), "", strings.Repeat("y z", i%5), "é"[:2*(i%2)], strings.Repeat(" ", i%3)}
		end := []string{"\n", "\r\n", "\r"}[i/7%3]
		plain.WriteString(strings.Join(cells, ",") + end)
		quoted.WriteString(`"` + strings.Join(cells, `","`) + `"` + end)
	}
	want, err := readAll([]byte(quoted.String()), "f.csv", sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAll([]byte(plain.String()), "f.csv", sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-quoted +plain):\n%s", diff)
	}
	if rows := len(got[0].Rows); rows < 15_000 {
		t.Errorf("only %d rows", rows)
	}
}

// TestLimitsOfPlainRows: a row read in one pass keeps to the limits too.
func TestLimitsOfPlainRows(t *testing.T) {
	limits := sheet.Limits{MaxColumns: 3, MaxCellBytes: 4}
	for text, want := range map[string]string{
		"abcd,b,c,,,\n":  "",
		"abcde,b\n":      "f.csv, row 1, column A: the cell holds more than 4 bytes of text",
		"a,b,c\na,,,d\n": "f.csv, row 2, column D: the row has more than 3 columns",
	} {
		_, err := readAll([]byte(text), "f.csv", limits)
		got := ""
		if err != nil {
			got, _, _ = strings.Cut(err.Error(), ";")
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestUnended tells a last line without a line end, which alone is no fault.
func TestUnended(t *testing.T) {
	for text, want := range map[string]bool{"a,b\n1,2\n": false, "a,b\r\n1,2\r\n": false, "a,b\n1,2": true, "a,b\n1,\"2\"": true, "a,b\n1,": true, "a,b\n1,2\r": false} {
		book, err := sheet.Open(strings.NewReader(text), int64(len(text)), "f.csv", sheet.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		book.Next()
		rows := 0
		for book.Row() {
			rows++
		}
		if got := book.Unended(); got != want || rows != 2 || book.Err() != nil {
			t.Errorf("%q: unended %v, want %v; %d rows, %v", text, got, want, rows, book.Err())
		}
		book.Close()
	}
}
