package main

import (
	"bytes"
	"encoding/csv"
	"iter"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"stalkstats/dashboard/query"
	"stalkstats/dashboard/report"
	"stalkstats/internal/stats"
)

// soffice is the LibreOffice that the tests open files with.
func soffice(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("STALKSTATS_SOFFICE"); path != "" {
		return path
	}
	for _, name := range []string{"soffice", "libreoffice"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("LibreOffice is not installed: the tests open a CSV in it")
	return ""
}

// asOpened is a CSV as LibreOffice opens it with what its dialogue offers: the
// comma, double quotes, UTF-8, and no search for dates in words. It is kept as a workbook.
func asOpened(t *testing.T, text []byte) []byte {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "observations.csv")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), soffice(t), "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless", "--norestore",
		"--infilter=CSV:44,34,76,1,,0,false,false", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", dir, path).CombinedOutput()
	if err != nil {
		t.Fatalf("LibreOffice: %v\n%s", err, out)
	}
	workbook, err := os.ReadFile(filepath.Join(dir, "observations.xlsx"))
	if err != nil {
		t.Fatalf("LibreOffice: %v\n%s", err, out)
	}
	return workbook
}

// TestLibreOfficeShowsWhatWasSent: whoever opens a report with a double click
// sees what is in it, and none of it runs.
func TestLibreOfficeShowsWhatWasSent(t *testing.T) {
	t.Parallel()
	address, p, _ := reportSite(t)
	whole, _ := download(t, address+"/reports/observations.csv?area=E23000026&area=K04000001")
	for name, text := range map[string][]byte{"the sample": whole, "hostile names": hostileReport(t, p)} {
		t.Run(name, func(t *testing.T) {
			sent, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
			if err != nil || len(sent) < 10 {
				t.Fatal(len(sent), err)
			}
			workbook := asOpened(t, text)
			noFormulas(t, workbook)
			book, err := excelize.OpenReader(bytes.NewReader(workbook))
			if err != nil {
				t.Fatal(err)
			}
			defer book.Close()
			shown, err := book.GetRows(book.GetSheetName(0), excelize.Options{RawCellValue: true})
			if err != nil || len(shown) != len(sent) {
				t.Fatalf("%d rows are shown of %d, %v", len(shown), len(sent), err)
			}
			for i := range sent {
				for len(shown[i]) < len(sent[i]) {
					shown[i] = append(shown[i], "")
				}
				for column := range sent[i] {
					if !sameShown(sent[i][column], shown[i][column]) {
						t.Errorf("row %d, column %s: %q was sent, %q is shown", i+1, sent[0][column], sent[i][column], shown[i][column])
					}
				}
			}
		})
	}
}

// sameShown compares a cell that was sent with what is shown: numbers to the 15
// digits that a spreadsheet keeps, days as days since the end of 1899.
func sameShown(sent, shown string) bool {
	if day, err := time.Parse(time.DateOnly, sent); err == nil {
		return shown == strconv.Itoa(int(day.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours()/24))
	}
	a, errA := strconv.ParseFloat(sent, 64)
	b, errB := strconv.ParseFloat(shown, 64)
	return sent == shown || errA == nil && errB == nil && math.Abs(a-b) <= 1e-14*math.Abs(a)
}

// hostileReport has texts that spreadsheets run, or take for something else, in
// each place where a text can come from a file.
func hostileReport(t *testing.T, p pipeline) []byte {
	t.Helper()
	areas, err := p.reader.Areas(t.Context(), query.Latest)
	if err != nil {
		t.Fatal(err)
	}
	measures, err := p.reader.Measures(t.Context(), query.Latest)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{`=1+1`, `+1+1`, `-1+1`, `@SUM(1;1)`, "\t=1+1", `=HYPERLINK("http://127.0.0.1/";"here")`, `=cmd|' /C calc'!A0`,
		`"quoted", and a comma`, "two\nlines", `'already`, `<script>alert(1)</script>`, "\u202eright to left", "Dyfed–Powys é 漢字", `8Q`, `10-17`, `1/2`, `2024-03-01 to 2024-03-02`, `1e5x`, `=`, `-`}
	figures := iter.Seq2[stats.Figure, error](func(yield func(stats.Figure, error) bool) {
		for i, text := range texts {
			number := []float64{0, -3, 1234567, 5.33907025, 0.1, 1e-7}[i%6]
			f := stats.Figure{Key: stats.Key{Measure: "stalking_charges", Area: "E23000026", Source: text, Basis: text, Period: stats.Month(2024, time.March), Breakdown: text, BreakdownValue: text},
				Value: stats.Number(number), Note: text, Releases: []string{text},
				PublishedAt: stats.Day(2024, time.April, 1), RetrievedAt: stats.Day(2024, time.April, 1)}
			if !yield(f, nil) {
				return
			}
		}
	})
	var out bytes.Buffer
	if _, err := report.Observations(&out, figures, areas, measures); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
