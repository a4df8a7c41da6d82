package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"iter"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

func revisionSequence(err error, all ...stats.PublishedRevision) iter.Seq2[stats.PublishedRevision, error] {
	return func(yield func(stats.PublishedRevision, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
		if err != nil {
			yield(stats.PublishedRevision{}, err)
		}
	}
}

func changed(was, is stats.Value) stats.PublishedRevision {
	return stats.PublishedRevision{
		Revision: stats.Revision{
			Key: stats.Key{Measure: "charges", Area: "E23000026", Source: "force_return", Period: stats.Month(2024, 9)},
			Run: "20260701T083000-0a1b2c3d", Change: stats.ChangedFigure, Former: was, FormerRelease: "20260601T083000-0a1b2c3d",
			FormerOrigin: stats.Origin{File: "june.csv", Row: 7}, Now: is, Origin: stats.Origin{File: "july.xlsx", Sheet: "Return", Row: 9},
		},
		PublishedAt: moment, Kind: stats.LoadRun,
	}
}

func TestRevisions(t *testing.T) {
	gone := changed(stats.Number(4, stats.Provisional), stats.Value{})
	gone.Change, gone.Origin, gone.Kind, gone.Demonstration = stats.GoneFigure, stats.Origin{}, stats.Withdrawal, true
	hostile := changed(stats.Number(1), stats.Number(-1))
	hostile.Run, hostile.Source, hostile.Measure, hostile.Area, hostile.Basis = "=1+1", "+cmd", "-2", "@SUM(1)", "\t"
	hostile.Breakdown, hostile.BreakdownValue, hostile.FormerRelease = "\r\n=1", `he said "no", twice`, "=x"
	hostile.FormerOrigin.File, hostile.FormerOrigin.Sheet, hostile.Origin.File, hostile.Origin.Sheet = "=a", "+b", "-c", "@d"
	var out bytes.Buffer
	rows, err := Revisions(&out, revisionSequence(nil, changed(stats.Number(5), stats.Number(1234567.5, stats.Revised)),
		changed(stats.Missing(stats.NotAvailable), stats.Number(0)), changed(stats.Number(3), stats.Missing(stats.Confidential)), gone, hostile), areas, measures)
	if err != nil || rows != 5 {
		t.Errorf("%d rows, %v", rows, err)
	}
	golden(t, "revisions.csv", out.Bytes())
	records, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, cell := range records[5] {
		numeric := RevisionColumns[i].Datatype == "decimal"
		if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) && !numeric {
			t.Errorf("%s is %q: a spreadsheet would work it out", RevisionColumns[i].Name, cell)
		}
	}
}

func TestRevisionsBreakOff(t *testing.T) {
	broken := errors.New("the connection ended")
	rows, err := Revisions(&bytes.Buffer{}, revisionSequence(broken, changed(stats.Number(5), stats.Number(6))), areas, measures)
	if rows != 1 || !errors.Is(err, broken) {
		t.Errorf("%d rows, error %v", rows, err)
	}
}

func TestRevisionsMetadata(t *testing.T) {
	text, err := Metadata(Description{URL: "revisions.csv"}, RevisionColumns)
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Modified    any `json:"dc:modified"`
		TableSchema struct{ Columns []struct{ Name string } }
	}
	if err := json.Unmarshal(text, &document); err != nil || document.Modified != nil {
		t.Errorf("%v, modified %v", err, document.Modified)
	}
	var described []string
	for _, c := range document.TableSchema.Columns {
		described = append(described, c.Name)
	}
	if diff := cmp.Diff(names(RevisionColumns), described); diff != "" {
		t.Errorf("(-CSV +metadata):\n%s", diff)
	}
}

// TestRevisionsAreDocumented holds the page to the columns.
func TestRevisionsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/revisions.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range RevisionColumns {
		if !strings.Contains(string(page), "| `"+c.Name+"` | "+c.Describe+" |\n") {
			t.Errorf("docs/revisions.md does not have the column %s as it is described", c.Name)
		}
	}
}
