package report

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"stalkstats/internal/stats"
)

var aDescription = Description{Title: "T", Describe: "=D", Audience: "Internal: true figures", Filters: map[string][]string{"measure": {"charges"}}, Modified: moment,
	Releases: []stats.Release{{ID: "r1", Source: "force_return", File: "=r.csv", SHA256: "abc", RetrievedAt: moment, PublishedAt: moment}}}

func made(t *testing.T, figures ...stats.Figure) []byte {
	t.Helper()
	var out bytes.Buffer
	if rows, err := Workbook(&out, aDescription, sequence(figures...), areas, measures, measures.All()); err != nil || rows != len(figures) {
		t.Fatalf("%d rows, %v", rows, err)
	}
	return out.Bytes()
}

func TestWorkbook(t *testing.T) {
	formula := figure(stats.Number(-0.5), "=HYPERLINK(\"http://example.org\")")
	formula.Breakdown, formula.BreakdownValue = "sex\x00", " <b>&\r\n_x0041_"
	third := figure(stats.Number(200.0/3), "")
	text := made(t, figure(stats.Missing(stats.Confidential), ""), formula, third)
	book, err := excelize.OpenReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for place, want := range map[string]string{"A1": "Figures", "A3": "measure", "V3": "note", "J4": "", "K4": "c", "J5": "-0.5", "V5": `'=HYPERLINK("http://example.org")`,
		"H5": "sex\ufffd", "I5": " <b>&\n_x0041_", "J6": "66.6666666666667", "F4": "2024-09-01", "U4": "2026-07-01T08:30:00Z"} {
		if got, err := book.GetCellValue("Figures", place); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %q", place, got, err, want)
		}
		if formula, err := book.GetCellFormula("Figures", place); err != nil || formula != "" {
			t.Errorf("%s has the formula %q, %v", place, formula, err)
		}
	}
	for sheet, want := range map[string]string{"Cover": "'=D", "Sources": "'=r.csv"} {
		found, err := book.SearchSheet(sheet, want)
		if err != nil || len(found) != 1 {
			t.Errorf("%s: %q stands at %q, %v", sheet, want, found, err)
		}
	}
	parts, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		sheet, err := fs.ReadFile(parts, fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1))
		if err != nil || bytes.Contains(sheet, []byte("<dimension")) {
			t.Errorf("sheet %d says how large it is before that is known, or %v", i+1, err)
		}
	}
	if !bytes.Equal(text, made(t, figure(stats.Missing(stats.Confidential), ""), formula, third)) {
		t.Error("the same figures are not the same bytes")
	}
}

// TestNoWorkbook: what a spreadsheet has no room for is an error, and nothing is
// written of it; nor is anything left in the folder of temporary files.
func TestNoWorkbook(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	lost := errors.New("lost")
	many := func(yield func(stats.Figure, error) bool) {
		for range 200_000 { // more than stands in memory
			if !yield(figure(stats.Number(1), strings.Repeat("x", 100)), nil) {
				return
			}
		}
		yield(stats.Figure{}, lost)
	}
	for name, test := range map[string]struct {
		figures iter.Seq2[stats.Figure, error]
		want    error
	}{
		"a long text":             {sequence(figure(stats.Number(1), strings.Repeat("x", excelize.TotalCellChars+1))), ErrLongText},
		"a failure in the middle": {many, lost},
	} {
		var out bytes.Buffer
		if _, err := Workbook(&out, aDescription, test.figures, areas, measures, nil); !errors.Is(err, test.want) || out.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", name, err, out.Len())
		}
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := Workbook(full{}, aDescription, sequence(figure(stats.Number(1), "")), areas, measures, nil); !errors.Is(err, errGone) {
		t.Errorf("a reader who has gone: %v", err)
	}
}

// TestContact: whom to ask stands on the cover and in the README where somebody is
// named, and nowhere else.
func TestContact(t *testing.T) {
	for contact, want := range map[string]int{"": 0, "the performance team, statistics@example.org": 1} {
		d := aDescription
		d.Contact = contact
		var out, readme bytes.Buffer
		if _, err := Workbook(&out, d, sequence(figure(stats.Number(1), "")), areas, measures, nil); err != nil {
			t.Fatal(err)
		}
		if err := Readme(&readme, d); err != nil {
			t.Fatal(err)
		}
		book, err := excelize.OpenReader(&out)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := book.GetRows("Cover")
		if err := errors.Join(err, book.Close()); err != nil {
			t.Fatal(err)
		}
		var found []string
		for i, row := range rows {
			if len(row) > 0 && strings.HasPrefix(row[0], "Contact:") {
				found = append(found, row[0])
			} else if len(row) == 0 {
				t.Errorf("row %d of the cover is empty", i+1)
			}
		}
		if len(found) != want || want > 0 && found[0] != "Contact: "+contact {
			t.Errorf("%q: the cover says %q", contact, found)
		}
		if n := strings.Count(readme.String(), "\r\nContact: "+contact); n != want {
			t.Errorf("%q: %d times in the README", contact, n)
		}
	}
}

func TestReadmeAndDefinitions(t *testing.T) {
	var readme, definitions bytes.Buffer
	d := aDescription
	d.Filters = map[string][]string{"source": {"a\r\nLicence: none"}}
	if err := errors.Join(Readme(&readme, d), Definitions(&definitions, measures.All())); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"Filter source: a Licence: none", "c: confidential", "force_return, edition r1: =r.csv, SHA-256 abc, fetched 2026-07-01T08:30:00Z"} {
		if !strings.Contains(readme.String(), "\r\n"+line+"\r\n") {
			t.Errorf("the README has no line %q:\n%s", line, readme.String())
		}
	}
	if want := "rate,outcomes,Charge rate (of outcomes),,percent,charges,outcomes,0,,,,\r\n"; !strings.HasSuffix(definitions.String(), want) {
		t.Errorf("definitions:\n%s", definitions.String())
	}
	if errors.Join(Readme(full{}, d)) == nil || Definitions(full{}, measures.All()) == nil {
		t.Error("a reader who has gone is no error")
	}
}
