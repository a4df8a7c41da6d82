package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// The reports whose bytes are compared, and what readers open besides.
const (
	trueReport      = "/reports/observations.csv?audience=internal"
	publishedReport = "/reports/observations.csv?audience=published"
)

// TestKillPageViews kills a server at random moments while people read: each time other figures have
// just been published, so that pages are made anew and it is decided anew what small counts are hidden.
// Whoever had a report has the same bytes from the next server, whole reports are recorded, and what was
// published is served.
func TestKillPageViews(t *testing.T) {
	t.Parallel()
	areas := builtinAreas(t)
	dir := t.TempDir()
	h := &house{dir: dir, conf: configFile(t, dir), log: &bytes.Buffer{}, refused: make(chan string, 1000), said: map[string][]byte{}}
	h.write(t, "edition-1.csv", fewOfEach(0, areas))
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	killed, rest := h.start(t)
	began := time.Now()
	was := h.both(t)
	took := time.Since(began)
	whole, broken, all := map[string]int{}, 0, kills(t, 3)
	for n := range all {
		next := filepath.Join(dir, fmt.Sprintf("edition-%d.csv", n%2+2))
		if err := os.WriteFile(next, []byte(fewOfEach(n+1, areas)), 0o600); err != nil {
			t.Fatal(err)
		}
		firstLoads(t, h.conf, next)
		delay := time.Duration(random.Int64N(int64(4 * took)))
		seen := readUntilKilled(h.address, func() {
			<-time.After(delay)
			if err := killed.Process.Kill(); err != nil {
				t.Error(err)
			}
		})
		<-rest
		_ = killed.Wait() // it says that it was killed
		killed, rest = h.start(t)
		is := h.both(t)
		for path, bodies := range seen {
			if len(bodies) == 0 && path == publishedReport {
				broken++ // before it was decided what is hidden, or in the middle
			}
			for _, body := range bodies {
				if !bytes.Equal(body, is[path]) {
					t.Fatalf("kill %d after %v (seed %d): %s has changed:\n%s\n%s", n, delay, seed, path, firstDifference(body, is[path]), h.log)
				}
				whole[hashOf(body)]++
			}
		}
		if bytes.Equal(is[trueReport], was[trueReport]) {
			t.Fatalf("kill %d after %v (seed %d): what was published before is not served", n, delay, seed)
		}
		was = is
	}
	h.recordsAll(t, whole)
	if all >= manyKills && broken == 0 {
		t.Error("no kill came before something was published")
	}
	t.Logf("seed %d: %d of %d came before the report of the published was whole, which takes %v; reports that were whole: %d of %d states", seed, broken, all, took, total(whole), len(whole))
	if err := killed.Process.Kill(); err != nil {
		t.Error(err)
	}
	<-rest
	_ = killed.Wait()
}

// fewOfEach is a file of half a year of counts, many of them small, that differ
// from edition to edition.
func fewOfEach(edition int, areas *stats.Areas) string {
	var text bytes.Buffer
	text.WriteString("area_code,area_name,measure,period,value,note\n")
	for i, force := range areas.Forces() {
		for month := range 6 {
			p := stats.Month(2023, time.Month(1+month))
			fmt.Fprintf(&text, "%s,%s,stalking_outcomes,%s/%s,%d,\n", force.Code, force.Name,
				p.Start.Format(time.DateOnly), p.End.Format(time.DateOnly), 3+(i+month+edition)%4)
		}
	}
	return text.String()
}

// both is the two reports, whole.
func (h *house) both(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, path := range []string{trueReport, publishedReport} {
		body, err := readWhole(h.address + path)
		if err != nil {
			t.Fatalf("%s: %v\n%s", path, err, h.log)
		}
		all[path] = body
	}
	return all
}

func readWhole(address string) ([]byte, error) {
	answer, err := http.Get(address)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", answer.Status, body)
	}
	return body, err
}

// readUntilKilled has people read, and gives what of the two reports they have whole.
func readUntilKilled(address string, kill func()) (seen map[string][][]byte) {
	seen = map[string][][]byte{trueReport: nil, publishedReport: nil}
	var mu sync.Mutex
	var readers sync.WaitGroup
	for _, first := range []string{publishedReport, trueReport, "/", "/compare?measure=stalking_outcomes"} {
		readers.Go(func() {
			for path := first; ; {
				body, err := readWhole(address + path)
				if err != nil {
					return
				}
				mu.Lock()
				if _, compared := seen[path]; compared {
					seen[path] = append(seen[path], body)
				}
				mu.Unlock()
			}
		})
	}
	kill()
	readers.Wait()
	return seen
}

func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// firstDifference is the first lines in which two reports differ.
func firstDifference(a, b []byte) string {
	one, other := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(one), len(other)) {
		if !bytes.Equal(one[i], other[i]) {
			return fmt.Sprintf("%d: %s\n%d: %s", i+1, one[i], i+1, other[i])
		}
	}
	return fmt.Sprintf("%d lines and %d", len(one), len(other))
}

// recordsAll looks for each report that somebody had whole among the downloads.
func (h *house) recordsAll(t *testing.T, whole map[string]int) {
	t.Helper()
	text, err := readWhole(h.address + "/data/downloads.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := slices.Index(rows[0], "sha256")
	if column < 0 {
		t.Fatalf("the columns are %v", rows[0])
	}
	recorded := map[string]int{}
	for _, row := range rows[1:] {
		recorded[row[column]]++
	}
	for hash, times := range whole {
		if recorded[hash] < times {
			t.Errorf("a report that was read whole %d times is recorded %d times", times, recorded[hash])
		}
	}
}

func total(counts map[string]int) (sum int) {
	for _, n := range counts {
		sum += n
	}
	return sum
}
