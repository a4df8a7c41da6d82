package main

import (
	"archive/zip"
	"bytes"
	"io"
	"iter"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"

	"stalkstats/dashboard/report"
	"stalkstats/internal/stats"
)

func download(t *testing.T, address string) ([]byte, http.Header) {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v\n%.300s", address, response.StatusCode, err, body)
	}
	return body, response.Header
}

func unzipped(t *testing.T, address string) map[string][]byte {
	t.Helper()
	text, _ := download(t, address)
	archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, file := range archive.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[file.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// sameFigures holds rows to the figures that they are of.
func sameFigures(t *testing.T, rows []csvwRow, figures iter.Seq2[stats.Figure, error]) {
	t.Helper()
	n := 0
	for f, err := range figures {
		if err != nil {
			t.Fatal(err)
		}
		if n == len(rows) {
			t.Fatalf("there are only %d rows", n)
		}
		word := func(text string) any {
			if text == "" {
				return nil
			}
			return text
		}
		value := func(v stats.Value) any {
			if !v.Known {
				return nil
			}
			return v.Number
		}
		want := csvwRow{"measure": f.Measure, "area_code": f.Area, "period_start": f.Period.Start, "period_end": f.Period.End,
			"breakdown": word(f.Breakdown), "breakdown_value": word(f.BreakdownValue), "value": value(f.Value), "value_note": nil,
			"numerator": value(f.Numerator), "denominator": value(f.Denominator), "lower_95": value(f.Lower95), "upper_95": value(f.Upper95),
			"basis": word(f.Basis), "source": f.Source, "release": f.Releases, "retrieved_at": f.RetrievedAt.UTC().Truncate(time.Second), "note": word(f.Note)}
		if f.Value.Markers != "" {
			want["value_note"] = strings.Fields(string(f.Value.Markers))
		}
		got := csvwRow{}
		for column := range want {
			got[column] = rows[n][column]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("row %d (-figure +CSV):\n%s", n+1, diff)
		}
		n++
	}
	if n != len(rows) {
		t.Errorf("%d rows of %d figures", len(rows), n)
	}
}

// sameCells holds the sheet of figures to the rows of the CSV, cell by cell and
// by type, and the workbook to what the guidance wants of one.
func sameCells(t *testing.T, text []byte, rows []csvwRow) {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	sheets := []string{"Cover", "Notes", "Columns", "Measures", "Sources", "Figures"}
	if diff := cmp.Diff(sheets, book.GetSheetList()); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
	for _, sheet := range sheets {
		merged, err := book.GetMergeCells(sheet)
		if err != nil || len(merged) > 0 {
			t.Errorf("%s: merged %v, %v", sheet, merged, err)
		}
		tables, err := book.GetTables(sheet)
		if want := map[bool]int{true: 0, false: 1}[sheet == "Cover" || (sheet == "Figures" || sheet == "Sources") && len(rows) == 0]; err != nil || len(tables) != want {
			t.Errorf("%s: %d tables, want %d, %v", sheet, len(tables), want, err)
		}
		if panes, err := book.GetPanes(sheet); sheet != "Cover" && (err != nil || !panes.Freeze || panes.YSplit != 3) {
			t.Errorf("%s: panes %+v, %v", sheet, panes, err)
		}
	}
	cells, err := book.GetRows("Figures", excelize.Options{RawCellValue: true})
	if err != nil || len(cells) != 3+len(rows) {
		t.Fatalf("%d rows, want %d and three above; %v", len(cells), len(rows), err)
	}
	for n, row := range rows {
		for i, c := range report.ObservationColumns {
			got := ""
			if i < len(cells[3+n]) {
				got = cells[3+n][i]
			}
			place, err := excelize.CoordinatesToCellName(i+1, 4+n)
			if err != nil {
				t.Fatal(err)
			}
			if !sameCell(got, row[c.Name]) {
				t.Fatalf("%s is %q, the CSV has %v", place, got, row[c.Name])
			}
			if n > 50 {
				continue // one cell after the other is asked for slowly
			}
			if kind, err := book.GetCellType("Figures", place); err != nil || got != "" && (kind == excelize.CellTypeInlineString) != (c.Datatype == "string") {
				t.Fatalf("%s of %s is a cell of type %v, %v", place, c.Name, kind, err)
			}
		}
	}
	noFormulas(t, text)
}

// sameCell compares what a sheet holds with what the CSV says: numbers to the 15
// digits that a sheet keeps, moments as days since the end of 1899.
func sameCell(got string, want any) bool {
	switch want := want.(type) {
	case nil:
		return got == ""
	case string:
		return got == want
	case []string:
		return got == strings.Join(want, " ") || got == strings.Join(want, "; ")
	case float64:
		number, err := strconv.ParseFloat(got, 64)
		return err == nil && cmp.Equal(number, want, cmpopts.EquateApprox(1e-14, 0))
	case time.Time:
		number, err := strconv.ParseFloat(got, 64)
		return err == nil && cmp.Equal(number, want.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours()/24, cmpopts.EquateApprox(1e-12, 0))
	}
	return false
}

// noFormulas looks into the parts of a workbook for what a program would run, fetch or merge.
func noFormulas(t *testing.T, text []byte) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range archive.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		part, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if found := regexp.MustCompile(`<f[ >]|<mergeCell|<externalLink|TargetMode="External"|<hyperlink`).Find(part); found != nil {
			t.Errorf("%s has %s", file.Name, found)
		}
	}
}
