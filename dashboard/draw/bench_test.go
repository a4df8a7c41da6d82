package draw

import (
	"encoding/json"
	"fmt"
	"runtime/debug"
	"sync"
	"syscall"
	"testing"
	"time"
)

// pageLimit is how long the charts of a page may take, none of which was kept.
const pageLimit = 300 * time.Millisecond

// longer is an option whose series have so many points, and breaks and gaps where they were.
func longer(b *testing.B, text []byte, points int) []byte {
	b.Helper()
	var option map[string]any
	if err := json.Unmarshal(text, &option); err != nil {
		b.Fatal(err)
	}
	stretched := func(list []any) []any {
		var long []any
		for i := range points {
			long = append(long, list[i*len(list)/points])
		}
		return long
	}
	for _, s := range option["series"].([]any) {
		if series := s.(map[string]any); series["type"] == "line" && len(series["data"].([]any)) > 0 {
			series["data"] = stretched(series["data"].([]any))
		}
	}
	axis := option["xAxis"].([]any)[0].(map[string]any)
	axis["data"] = stretched(axis["data"].([]any))
	longer, err := json.Marshal(option)
	if err != nil {
		b.Fatal(err)
	}
	return longer
}

// BenchmarkDraw draws one chart after the other with nothing kept: a row's of 24
// periods, one of full width of 60, and a funnel. It reports the time that passes
// and that of processors, which on a machine with other work is less.
func BenchmarkDraw(b *testing.B) {
	all := options(b)
	for _, bench := range []struct {
		name   string
		option []byte
		box    Box
	}{
		{"small", longer(b, all["line_small_judged"], 24), small},
		{"full", longer(b, all["line_full_judged"], 60), full},
		{"funnel", all["funnel"], full},
	} {
		b.Run(bench.name, func(b *testing.B) {
			r := renderer(b)
			started, before := time.Now(), processorTime(b)
			for i := 0; b.Loop(); i++ {
				if _, err := r.Draw(b.Context(), Chart{ID: fmt.Sprint(i), Option: bench.option, Box: bench.box}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(time.Since(started).Seconds()*1000/float64(b.N), "ms/chart")
			b.ReportMetric((processorTime(b)-before).Seconds()*1000/float64(b.N), "cpu-ms/chart")
		})
	}
}

// processorTime is what this process has used of the processors.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkPage draws the eight small charts of a page side by side, and eight
// that are kept already, and reports how much of the limit they take.
func BenchmarkPage(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(300)) // as the program has it
	option := longer(b, options(b)["line_small_judged"], 24)
	for _, kept := range []bool{false, true} {
		b.Run(map[bool]string{false: "afresh", true: "kept"}[kept], func(b *testing.B) {
			r := renderer(b)
			page := func(name string) {
				var charts sync.WaitGroup
				for chart := range 8 {
					charts.Go(func() {
						if _, err := r.Draw(b.Context(), Chart{ID: name + fmt.Sprint(chart), Option: option, Box: small}); err != nil {
							b.Error(err)
						}
					})
				}
				charts.Wait()
			}
			page("first")
			started := time.Now()
			for i := 0; b.Loop(); i++ {
				page(map[bool]string{false: fmt.Sprint(i, "-"), true: "first"}[kept])
			}
			took := time.Since(started) / time.Duration(b.N)
			b.ReportMetric(float64(took.Microseconds())/1000, "ms/page")
			b.ReportMetric(took.Seconds()/pageLimit.Seconds(), "page/limit")
		})
	}
}

// renderer is one that has drawn already.
func renderer(b *testing.B) *Renderer {
	b.Helper()
	limits := Usual()
	r := New(library(), limits)
	var engines sync.WaitGroup
	for i := range limits.Engines {
		engines.Go(func() {
			if _, err := r.Draw(b.Context(), Chart{ID: fmt.Sprint("first", i), Option: []byte("{}"), Box: full}); err != nil {
				b.Error(err)
			}
		})
	}
	engines.Wait()
	b.ResetTimer()
	return r
}
