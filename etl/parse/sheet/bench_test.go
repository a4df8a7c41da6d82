package sheet_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"stalkstats/etl/parse/sheet"
	"stalkstats/etl/parse/sheet/sheettest"
)

// BenchmarkODS reads every cell of a file like the Home Office's, with 400 MB
// of XML. It reports, beside the speed over that XML, how long it takes
// compared with inflating alone and with unzip -p, in the same run.
func BenchmarkODS(b *testing.B) {
	name := filepath.Join(b.TempDir(), "prc.ods")
	made := makeHomeOffice(b, name, 400<<20)
	file, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(made.ContentBytes)
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		rows := 0
		book, err := sheet.Open(file, info.Size(), "prc.ods", sheet.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		for book.Next() {
			for book.Row() {
				rows += len(book.Cells()) / 8
			}
		}
		if book.Err() != nil || rows != made.Rows+14 {
			b.Fatalf("%d rows, want %d; %v", rows, made.Rows+14, book.Err())
		}
		if err := book.Close(); err != nil {
			b.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.Sys)/1e6, "Sys-MB")
	b.ReportMetric(float64(info.Size())/1e6, "packed-MB")
	b.ReportMetric(float64(made.ContentBytes)/1e6, "content-MB")
	each := b.Elapsed() / time.Duration(b.N)
	inflate := timed(b, func() error { return inflateOnly(name) })
	b.ReportMetric(float64(each)/float64(inflate), "x-inflate")
	if program, err := exec.LookPath("unzip"); err == nil {
		unzip := timed(b, func() error { return exec.Command(program, "-p", name, "content.xml").Run() })
		b.ReportMetric(float64(each)/float64(unzip), "x-unzip")
	}
}

// timed is the best of three runs.
func timed(b *testing.B, run func() error) time.Duration {
	best := time.Hour
	for range 3 {
		start := time.Now()
		if err := run(); err != nil {
			b.Fatal(err)
		}
		best = min(best, time.Since(start))
	}
	return best
}

func inflateOnly(name string) error {
	archive, err := zip.OpenReader(name)
	if err != nil {
		return err
	}
	defer archive.Close()
	content, err := archive.Open("content.xml")
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, content, make([]byte, 128<<10))
	return err
}

func makeHomeOffice(tb testing.TB, name string, size int64) sheettest.HomeOffice {
	tb.Helper()
	file, err := os.Create(name)
	if err != nil {
		tb.Fatal(err)
	}
	made, err := sheettest.HomeOfficeODS(file, size)
	if err != nil {
		tb.Fatal(err)
	}
	if err := file.Close(); err != nil {
		tb.Fatal(err)
	}
	return made
}

// BenchmarkXLSX and BenchmarkCSV read one sheet of 30,000 rows.
func BenchmarkXLSX(b *testing.B) { benchmarkTable(b, sheettest.WriteXLSX) }

// BenchmarkCSV reads what BenchmarkXLSX reads, as CSV.
func BenchmarkCSV(b *testing.B) {
	benchmarkTable(b, func(w io.Writer, s ...sheettest.Sheet) error { return sheettest.WriteCSV(w, s[0]) })
}

func benchmarkTable(b *testing.B, write func(io.Writer, ...sheettest.Sheet) error) {
	rows := func(yield func([]any) bool) {
		for i := range 30000 {
			if !yield([]any{"2019/20", i%4 + 1, "Bedfordshire", "8Q", "Stalking", "Violence against the person", "Stalking and harassment", nil, i % 22, "Outcome", i, i / 3}) {
				return
			}
		}
	}
	var file bytes.Buffer
	if err := write(&file, sheettest.Sheet{Name: "Outcomes", Rows: rows}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if got, err := readAll(file.Bytes(), "bench", sheet.Limits{}); err != nil || len(got) != 1 {
			b.Fatal(len(got), err)
		}
	}
}
