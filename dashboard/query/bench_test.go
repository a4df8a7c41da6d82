package query_test

import (
	"testing"
	"time"

	"stalkstats/dashboard/query"
)

// BenchmarkFigures asks for 60,000 counts and the sums over them where nothing
// was ever revised, and again where each thirtieth was, and reports what the
// second takes against the first in the same run.
func BenchmarkFigures(b *testing.B) {
	w := newWorld(b)
	w.exec(b, "INSERT INTO observations SELECT 'r2','s','one','charges',['A','B','C','D','BTP'][number % 5 + 1],'',"+
		"toDate('1990-01-01') + intDiv(number, 5), toDate('1990-01-01') + intDiv(number, 5),'','',number,'','','r2.csv','',number + 2 FROM numbers(60000)")
	w.release(b, "r2", "s", first, "one")
	plain := w.shortest(b)
	w.exec(b, "INSERT INTO revisions (run_id, source, slice, change, measure, area_code, period_start, period_end, former_release_id, former_value, value) "+
		"SELECT release_id, source, slice, 'changed', measure, area_code, period_start, period_end, 'r1', value + 1, value FROM observations WHERE source_row % 30 = 0")
	revised := w.shortest(b)
	b.ReportMetric(revised.Seconds(), "figures-s")
	b.ReportMetric(revised.Seconds()/plain.Seconds(), "revised/plain-ratio")
}

// shortest is the shortest of several times that all figures take.
func (w world) shortest(b *testing.B) time.Duration {
	best := time.Hour
	for range max(b.N, 5) {
		start := time.Now()
		for _, err := range w.reader.Figures(b.Context(), query.Filter{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
		best = min(best, time.Since(start))
	}
	return best
}
