package source

import (
	"bytes"
	"crypto/sha256"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkFetch brings a file of the size of the largest Home Office table
// and keeps it. The limit is what net/http's own client takes to bring it over
// the same loopback, hash it and put it safely on the same disk, with none of
// the checks.
func BenchmarkFetch(b *testing.B) {
	body := bytes.Repeat([]byte(table), (44<<20)/len(table))
	server := serve(b, func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "table.csv", time.Time{}, bytes.NewReader(body))
	})
	f := web(b, server.URL)
	f.rules.MaxSize = MaxSize
	var ours, plainly time.Duration
	for b.Loop() {
		start := time.Now()
		snap, err := f.Fetch(b.Context(), "bench", Item{Address: server.URL + "/table.csv"}, Validators{}, now)
		if err != nil || snap.Size != int64(len(body)) {
			b.Fatal(snap, err)
		}
		ours += time.Since(start)
		if err := os.Remove(snap.Path); err != nil {
			b.Fatal(err)
		}
		start = time.Now()
		bring(b, server.URL+"/table.csv")
		plainly += time.Since(start)
	}
	b.SetBytes(int64(len(body)))
	b.ReportMetric(float64(ours)/float64(plainly), "of-plain-ratio")
}

// bring is the plain way.
func bring(b *testing.B, address string) {
	b.Helper()
	resp, err := http.Get(address)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	out, err := os.Create(filepath.Join(b.TempDir(), "plain"))
	if err != nil {
		b.Fatal(err)
	}
	defer os.Remove(out.Name())
	defer out.Close()
	if _, err := io.Copy(io.MultiWriter(out, sha256.New()), resp.Body); err != nil {
		b.Fatal(err)
	}
	if err := out.Sync(); err != nil {
		b.Fatal(err)
	}
}
