package picture

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard/draw"
)

// slowest is how long the picture of a full chart may take.
const slowest = 2 * time.Second

// BenchmarkPNG makes the picture of a chart as mails have them. It reports the memory
// that the process has taken in all, which the compiled program is most of.
func BenchmarkPNG(b *testing.B) {
	for _, bench := range []struct {
		name string
		box  draw.Box
	}{{"small", draw.Box{Width: 240, Height: 48}}, {"full", draw.Box{Width: 496, Height: 320}}} {
		b.Run(bench.name, func(b *testing.B) {
			svg := []byte(drawn(b, "line_"+bench.name+"_judged", bench.box))
			if _, err := shared().PNG(b.Context(), svg); err != nil { // compiled
				b.Fatal(err)
			}
			b.ReportAllocs()
			size := 0
			for b.Loop() {
				content, err := shared().PNG(b.Context(), svg)
				if err != nil {
					b.Fatal(err)
				}
				size = len(content)
			}
			each := b.Elapsed() / time.Duration(b.N)
			b.ReportMetric(float64(size), "bytes/picture")
			b.ReportMetric(float64(resident(b))/(1<<20), "MB-resident")
			b.ReportMetric(each.Seconds()/slowest.Seconds(), "of-limit")
			if each > slowest {
				b.Errorf("a picture takes %v, more than %v", each, slowest)
			}
		})
	}
}

// BenchmarkCompile is what the first picture of a process takes.
func BenchmarkCompile(b *testing.B) {
	wasm := read(b, built+"resvg.wasm")
	svg := []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><path d="M0 0L9 9" stroke="#000"/></svg>`)
	for b.Loop() {
		if _, err := New(wasm).PNG(b.Context(), svg); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(resident(b))/(1<<20), "MB-resident")
}

// resident is the memory of this process in bytes; 0 where the system does not say.
func resident(b *testing.B) int {
	b.Helper()
	content, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, err := strconv.Atoi(strings.Fields(string(content))[1])
	if err != nil {
		b.Fatal(err)
	}
	return pages * os.Getpagesize()
}
