package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// TestRowsAreThoseOfACSVWriter: rows of which each cell is put into its form once
// are those that encoding/csv writes, whatever is in them.
func TestRowsAreThoseOfACSVWriter(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	letters := []rune("aä 7,;\"'=+-@\t\r\n\\.|\x00\u00a0")
	text := func() string {
		made := make([]rune, random.IntN(5))
		for i := range made {
			made[i] = letters[random.IntN(len(letters))]
		}
		return string(made)
	}
	value := func() stats.Value {
		return []stats.Value{{}, stats.Number(7), stats.Number(-1), stats.Number(0.1), stats.Number(1e300), stats.Missing(stats.Confidential)}[random.IntN(6)]
	}
	var want, got bytes.Buffer
	out := csv.NewWriter(&want)
	out.UseCRLF = true
	rows := rowWriter{named: named{areas: areas, measures: measures}}
	var row []byte
	for range 30_000 { // more texts than are remembered
		f := stats.Figure{
			Key: stats.Key{Measure: text(), Area: text(), Source: text(), Basis: text(), Period: stats.Month(2024, time.Month(1+random.IntN(12))),
				Breakdown: text(), BreakdownValue: text() + fmt.Sprint(random.IntN(1000))},
			Value: value(), Numerator: value(), Denominator: value(), Lower95: value(), Upper95: value(), Note: text(), Releases: []string{text(), "b"},
			PublishedAt: time.Date(2024, 5, 1, 0, random.IntN(3), 0, 0, time.UTC), RetrievedAt: time.Date(2024, 5, 1+random.IntN(3), 0, 0, 0, 0, time.UTC),
		}
		day := func(t time.Time) string { return t.Format(time.DateOnly) }
		if err := out.Write([]string{
			Text(f.Measure), "", Text(f.Area), "", f.Period.Label(), day(f.Period.Start), day(f.Period.End), Text(f.Breakdown), Text(f.BreakdownValue),
			Number(f.Value), string(f.Value.Markers), Number(f.Numerator), Number(f.Denominator), Number(f.Lower95), Number(f.Upper95),
			"", Text(f.Basis), Text(f.Source), Text(f.Releases[0] + "; b"), day(f.PublishedAt), f.RetrievedAt.Format(time.RFC3339), Text(f.Note),
		}); err != nil {
			t.Fatal(err)
		}
		row = rows.append(row[:0], &f)
		got.Write(row)
	}
	out.Flush()
	if !bytes.Equal(want.Bytes(), got.Bytes()) {
		wants, gots := bytes.Split(want.Bytes(), []byte("\r\n2")), bytes.Split(got.Bytes(), []byte("\r\n2"))
		for i := range min(len(wants), len(gots)) {
			if !bytes.Equal(wants[i], gots[i]) {
				t.Fatalf("want %q, got %q", wants[i], gots[i])
			}
		}
		t.Fatal("the rows differ")
	}
}
