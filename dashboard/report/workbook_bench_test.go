package report

import (
	"io"
	"runtime"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// BenchmarkWorkbook writes a workbook of 200,000 figures, and one of twice as
// many, and reports rows a second, the most that the heap held above what it held
// before, and how much more the larger one took.
func BenchmarkWorkbook(b *testing.B) {
	for range b.N {
		began := time.Now()
		one, two := heapOf(b, 200_000), heapOf(b, 400_000)
		b.ReportMetric(600_000/time.Since(began).Seconds(), "rows/s")
		b.ReportMetric(float64(one)/(1<<20), "MB-200k")
		b.ReportMetric(float64(two)/(1<<20), "MB-400k")
	}
}

// heapOf is the most that the heap grew by while a workbook was written.
func heapOf(b *testing.B, rows int) (most uint64) {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before := m.HeapInuse
	n, err := Workbook(io.Discard, aDescription, func(yield func(stats.Figure, error) bool) {
		for i := range rows {
			if i%10_000 == 0 {
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapInuse-min(before, m.HeapInuse))
			}
			if !yield(figure(stats.Number(float64(i)/3), stats.Demonstration), nil) {
				return
			}
		}
	}, areas, measures, nil)
	if err != nil || n != rows {
		b.Fatalf("%d rows, %v", n, err)
	}
	return most
}
