package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"iter"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	areas    = stats.NewAreas([]stats.Area{{Code: "E23000026", Name: "Bedfordshire"}, {Code: "E23000034", Name: "London, City of"}})
	measures = stats.NewMeasures([]stats.Measure{
		{ID: "charges", Name: "Charges", Unit: "charges"},
		{ID: "rate", Basis: "outcomes", Name: "Charge rate (of outcomes)", Unit: "percent", Numerator: "charges", Denominator: "outcomes"},
	})
	moment = time.Date(2026, 7, 1, 8, 30, 0, 0, time.UTC)
)

func sequence(figures ...stats.Figure) iter.Seq2[stats.Figure, error] {
	return func(yield func(stats.Figure, error) bool) {
		for _, f := range figures {
			if !yield(f, nil) {
				return
			}
		}
	}
}

func figure(value stats.Value, note string) stats.Figure {
	return stats.Figure{
		Key:   stats.Key{Measure: "charges", Area: "E23000026", Source: "force_return", Period: stats.Month(2024, 9)},
		Value: value, Note: note, Releases: []string{"20260701T083000-0a1b2c3d"}, PublishedAt: moment, RetrievedAt: moment,
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestObservations(t *testing.T) {
	rate := figure(stats.Number(100.0/3), "")
	rate.Measure, rate.Basis, rate.Area, rate.Period = "rate", "outcomes", "E23000034", stats.FinancialYear(2021)
	rate.Numerator, rate.Denominator, rate.Lower95, rate.Upper95 = stats.Number(1), stats.Number(3), stats.Number(6.15), stats.Number(79.2)
	part := figure(stats.Number(3), "")
	part.Breakdown, part.BreakdownValue, part.Releases = "domestic", "yes", []string{"a", "b"}
	var out bytes.Buffer
	rows, err := Observations(&out, sequence(
		figure(stats.Number(5), stats.Demonstration), figure(stats.Number(-1), ""), figure(stats.Missing(stats.Confidential), ""),
		figure(stats.Number(1234567, stats.Revised, stats.Provisional), `he said "no", twice`), figure(stats.Number(0), "=HYPERLINK(1)"),
		figure(stats.Number(0), "two\r\nlines"), rate, part), areas, measures)
	if err != nil || rows != 8 {
		t.Errorf("%d rows, %v", rows, err)
	}
	golden(t, "observations.csv", out.Bytes())
}

// TestBrokenOff: an error in the middle is handed on, and so is one of the writer.
func TestBrokenOff(t *testing.T) {
	lost := errors.New("lost")
	_, err := Observations(&bytes.Buffer{}, func(yield func(stats.Figure, error) bool) { yield(stats.Figure{}, lost) }, areas, measures)
	if !errors.Is(err, lost) {
		t.Errorf("error %v", err)
	}
	if _, err := Observations(full{}, sequence(figure(stats.Number(1), "")), areas, measures); !errors.Is(err, errGone) {
		t.Errorf("error %v", err)
	}
}

var errGone = errors.New("the reader has gone")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errGone }

// FuzzObservations: what is read back is what was written, whatever the texts.
func FuzzObservations(f *testing.F) {
	f.Add("demonstration", "domestic", 5.0, true)
	f.Add("=1+1", "\r\n\r,\"", -0.5, true)
	f.Add("\tx", "@", 0.0, false)
	f.Fuzz(func(t *testing.T, note, breakdown string, value float64, known bool) {
		want := figure(stats.Missing(stats.NotAvailable), note)
		want.Breakdown = breakdown
		if known {
			want.Value = stats.Number(value)
		}
		if known && want.Value.Validate() != nil {
			return
		}
		var out bytes.Buffer
		if _, err := Observations(&out, sequence(want), areas, measures); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(&out).ReadAll()
		if err != nil || len(records) != 2 || len(records[1]) != len(ObservationColumns) {
			t.Fatalf("%d records, %v", len(records), err)
		}
		cell := map[string]string{}
		for i, name := range records[0] {
			cell[name] = records[1][i]
		}
		for name, text := range map[string]string{"note": note, "breakdown": breakdown} {
			text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
			if got := cell[name]; got != text && (got != "'"+text || !strings.ContainsAny(text[:1], "=+-@\t\n")) {
				t.Errorf("%s is %q, want %q", name, got, text)
			}
			if got := cell[name]; got != "" && strings.ContainsAny(got[:1], "=+-@\t\r\n") {
				t.Errorf("%s begins as a formula: %q", name, got)
			}
		}
		got, err := strconv.ParseFloat(cell["value"], 64)
		if known != (err == nil) || known && got != value || !known && cell["value_note"] != "x" {
			t.Errorf("the value is %q (%s), want %v, %v", cell["value"], cell["value_note"], value, known)
		}
	})
}

func TestMetadata(t *testing.T) {
	text, err := Metadata(Description{
		URL: "observations.csv?measure=charges", Title: "T", Filters: map[string][]string{"measure": {"charges"}}, Modified: moment,
		Releases: []stats.Release{{ID: "r1", Source: "force_return", File: "r.csv", SHA256: "abc", RetrievedAt: moment}},
	}, ObservationColumns)
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		URL         string
		TableSchema struct {
			Columns []struct {
				Name, Titles, Separator string
				Datatype                any
			}
		}
	}
	if err := json.Unmarshal(text, &document); err != nil || document.URL != "observations.csv?measure=charges" {
		t.Fatalf("%v\n%s", err, text)
	}
	var out bytes.Buffer
	if _, err := Observations(&out, sequence(), areas, measures); err != nil {
		t.Fatal(err)
	}
	var columns []string
	for _, c := range document.TableSchema.Columns {
		columns = append(columns, c.Name)
		if c.Titles != c.Name || c.Datatype == nil || (c.Separator != "") != (c.Name == "value_note" || c.Name == "release") {
			t.Errorf("column %+v", c)
		}
	}
	if diff := cmp.Diff(strings.TrimSpace(out.String()), strings.Join(columns, ",")); diff != "" {
		t.Errorf("the header against the metadata (-CSV +metadata):\n%s", diff)
	}
}

func TestRecommendations(t *testing.T) {
	now := stats.Day(2025, 6, 1)
	register := []stats.Recommendation{
		{Number: 7, Addressee: "chief constables", Deadline: stats.Day(2025, 3, 27), Ask: "Log stalking", Confidence: "confirmed", Source: "Kent"},
		{Number: 10, Addressee: "chief constables", Deadline: stats.Day(2025, 3, 27), Ask: "Train"},
		{Ref: "D", Addressee: "chief constables", Ask: "-1, as a text", Source: "Kent"},
	}
	progress := []stats.Progress{
		{Area: "E23000026", Recommendation: "7", AsAt: stats.Day(2024, 11, 22), Status: stats.Complete, Owner: "Lead", Update: "=1+1", SaidAt: now,
			Origin: stats.Origin{File: "p.csv", Row: 2}, Release: "r1"},
		{Area: "E23000026", Recommendation: "7", AsAt: stats.Day(2025, 1, 31), Status: stats.InProgress, EvidenceURL: "https://example.org", ReviewDate: stats.Day(2025, 6, 30),
			SaidAt: now, Entry: "e1", Who: "@Ann"},
		{Area: "E23000026", Recommendation: "7", AsAt: stats.Day(2025, 2, 1), Status: stats.Complete, SaidAt: now, Entry: "e2", Who: "Ann",
			TakenBack: stats.TakenBack{At: now, Who: "Bob", Why: "wrong"}},
		{Area: "E23000034", Recommendation: "7", AsAt: stats.Day(2025, 1, 31), Status: stats.Complete, SaidAt: now, Origin: stats.Origin{File: "p.csv", Row: 4}},
		{Area: "E23000034", Recommendation: "E1", AsAt: stats.Day(2025, 1, 31), Status: stats.InProgress, SaidAt: now, Origin: stats.Origin{File: "p.csv", Row: 5}},
	}
	for name, test := range map[string]struct {
		area    string
		history bool
		rows    int
	}{
		"recommendations.csv":         {"", false, 32},
		"recommendations-history.csv": {"", true, 34},
		"recommendations-force.csv":   {"E23000026", false, 30},
	} {
		t.Run(name, func(t *testing.T) {
			said := progress
			if test.area != "" {
				said = progress[:3]
			}
			var out bytes.Buffer
			rows, err := Recommendations(&out, Statements(register, said, test.area, test.history, now), areas)
			if err != nil || rows != test.rows {
				t.Errorf("%d rows, want %d; %v", rows, test.rows, err)
			}
			golden(t, name, out.Bytes())
		})
	}
}
