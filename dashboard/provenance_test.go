package dashboard

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

func TestProvenanceOf(t *testing.T) {
	f := stats.Figure{
		Key: stats.Key{Source: "home_office_recorded_crime"}, Releases: []string{"20241001T060000-aaaabbbb"},
		RetrievedAt: time.Date(2024, time.October, 1, 6, 0, 0, 0, time.UTC),
		Origins: []stats.Origin{
			{File: "b.csv", Row: 9}, {File: "a.ods", Sheet: "2018-19", Row: 2}, {File: "a.ods", Sheet: "2017-18", Row: 7},
			{File: "a.ods", Sheet: "2017-18", Row: 5}, {File: "a.ods", Sheet: "2017-18", Row: 6},
		},
	}
	want := provenance{
		Retrieved: "1 Oct 2024",
		Rows:      []string{"a.ods, sheet 2017-18, rows 5 to 7", "a.ods, sheet 2018-19, row 2", "b.csv, row 9"},
		Loads:     []link{{Text: "aaaabbbb", Address: "/data/runs/20241001T060000-aaaabbbb"}},
	}
	if diff := cmp.Diff(want, provenanceOf(f)); diff != "" {
		t.Errorf("provenanceOf (-want +got):\n%s", diff)
	}
}

func TestProvenanceOfManyRows(t *testing.T) {
	var f stats.Figure
	for row := range 43 {
		f.Origins = append(f.Origins, stats.Origin{File: "table.ods", Sheet: "2017-18", Row: 2*row + 2})
	}
	if got, want := provenanceOf(f).Short, "43 rows of table.ods"; got != want {
		t.Errorf("Short = %q, want %q", got, want)
	}
}

func TestRunsOf(t *testing.T) {
	if got, want := listed(runsOf([]int{2, 4, 5, 7, 8, 9, 12})), "2, 4, 5, 7 to 9 and 12"; got != want {
		t.Errorf("runsOf = %q, want %q", got, want)
	}
}
