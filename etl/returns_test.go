package etl_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/parse"
	"stalkstats/etl/parse/sheet/sheettest"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// returnsBench has the sources of orders, people and groups as well.
func returnsBench(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	for _, name := range []string{"spo_returns", "ons_population", "most_similar_groups"} {
		b.cfg.ETL.Sources = append(b.cfg.ETL.Sources, config.Source{Name: name, Parser: name, From: name})
	}
	b.etl = b.over(b.conn)
	return b
}

// fill puts lines into the file that a source gives out to be filled in.
func (b *bench) fill(t *testing.T, layout, name string, lines ...string) string {
	t.Helper()
	p, _ := parse.Find(layout)
	file, err := parse.Template(p, "")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(b.cfg.DataDir, name)
	if err := os.WriteFile(path, append(file, strings.Join(lines, "\r\n")...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAReturnOfOrders(t *testing.T) {
	b := returnsBench(t)
	run := b.must(t, "spo_returns", b.fill(t, "spo_returns", "a.csv", "E23000026,2024-03,3,1,2,0,x,0,2,,", "E23000026,2024-04,1,0,1,0,0,0,1,p,"), stats.Published)
	if run.Read != 2 || run.Loaded != 2 {
		t.Errorf("%d rows read, %d loaded", run.Read, run.Loaded)
	}
	month := func(name string, counts ...int) (all []string) {
		for i, measure := range []string{"spo_applied", "spo_interim_granted", "spo_full_granted", "spo_refused", "spo_withdrawn", "spo_breaches", "spo_people_granted"} {
			all = append(all, fmt.Sprintf("E23000026 %s %s %d", name, measure, counts[i]))
		}
		return all
	}
	april := month("Apr 2024", 1, 0, 1, 0, 0, 0, 1)
	b.serves(t, append(month("Mar 2024", 3, 1, 2, 0, 0, 0, 2), april...)...)

	b.must(t, "spo_returns", b.fill(t, "spo_returns", "b.csv", "E23000026,2024-03,4,1,3,0,0,0,3,r,"), stats.Published)
	corrected := append(month("Mar 2024", 4, 1, 3, 0, 0, 0, 3), april...)
	b.serves(t, corrected...)

	for line, problem := range map[string]string{
		"E23000026,2024-05,#REF!,1,3,0,0,0,3,,": `c.csv, row 2, column "applied", "#REF!": this is an error of the spreadsheet and not a count: write the count; where there is none, write x (not available), z (not applicable) or c (confidential)`,
		"E23000026,2026-07,4,1,3,0,0,0,3,,":     `c.csv, row 2, column "period", "Jul 2026": the period has not ended yet: send its figure when it has, or the days that are over as 2024-09-01/2024-09-27`,
	} {
		refused := b.must(t, "spo_returns", b.fill(t, "spo_returns", "c.csv", line), stats.RejectedRun)
		if refused.Problem != problem || refused.Rejected != 1 {
			t.Errorf("%d rejected, %s\nwant %s", refused.Rejected, refused.Problem, problem)
		}
	}
	b.serves(t, corrected...)
	b.clean(t)
}

func TestAPublishedTableOfPeople(t *testing.T) {
	b := returnsBench(t)
	people := func(name string, rows ...[]any) string {
		var file bytes.Buffer
		err := sheettest.WriteXLSX(&file, sheettest.Sheet{Name: "Table P3", Rows: func(yield func([]any) bool) {
			for _, row := range append([][]any{{"Table P3"}, {"Area Code", "Area Name", "Population (mid-2024)", "Population (mid-2025)"}}, rows...) {
				if !yield(row) {
					return
				}
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(b.cfg.DataDir, name)
		if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	region := []any{"E12000005", "West Midlands (region)", 6000000, 6000001}
	run := b.must(t, "ons_population", people("a.xlsx", region, []any{"E23000014", "West Midlands [note 8]", 2900000, 2900001}), stats.Published)
	if run.Read != 2 || run.Loaded != 1 || run.Excluded != 1 {
		t.Errorf("%d read, %d loaded, %d excluded", run.Read, run.Loaded, run.Excluded)
	}
	served := []string{"E23000014 30 Jun 2024 population 2.9e+06", "E23000014 30 Jun 2025 population 2.900001e+06"}
	b.serves(t, served...)
	b.must(t, "ons_population", people("b.xlsx", []any{"E23000014", "West Midlands (region)", 6000000, 6000001}), stats.RejectedRun)
	b.serves(t, served...)
	b.clean(t)
}

// TestGroups: they are loaded whole, and a file with a fault changes nothing.
func TestGroups(t *testing.T) {
	b := returnsBench(t)
	served := func() []string {
		t.Helper()
		var all []string
		const sql = "SELECT groupArray(s) FROM (SELECT concat(t.area_code, ' ', t.similar_area_code, ' ', toString(t.valid_from), ' ', t.evidence, ' ', toString(t.source_row)) AS s " +
			"FROM most_similar_groups AS t INNER JOIN (SELECT argMax(release_id, published_at) AS id FROM published WHERE source = 'most_similar_groups' AND slice = 'all') AS p ON t.release_id = p.id ORDER BY t.source_row)"
		if err := b.conn.QueryRow(t.Context(), sql).Scan(&all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	b.must(t, "most_similar_groups", b.fill(t, "most_similar_groups", "a.csv", "E23000026,E23000027,2024-04-01,a test", "E23000026,E23000028,2024-04-01,a test"), stats.Published)
	want := []string{"E23000026 E23000027 2024-04-01 a test 2", "E23000026 E23000028 2024-04-01 a test 3"}
	if diff := cmp.Diff(want, served()); diff != "" {
		t.Errorf("served (-want +got):\n%s", diff)
	}
	run := b.must(t, "most_similar_groups", b.fill(t, "most_similar_groups", "b.csv", "E23000026,E23000026,2024-04-01,a test"), stats.RejectedRun)
	if want := `b.csv, row 2, column "similar_area_code", "E23000026": a force is not in its own group: leave the row out`; run.Problem != want {
		t.Errorf("%s, want %s", run.Problem, want)
	}
	if diff := cmp.Diff(want, served()); diff != "" {
		t.Errorf("served after a refused file (-want +got):\n%s", diff)
	}
	b.must(t, "most_similar_groups", b.fill(t, "most_similar_groups", "c.csv", "E23000026,E23000029,2025-04-01,a test"), stats.Published)
	if diff := cmp.Diff([]string{"E23000026 E23000029 2025-04-01 a test 2"}, served()); diff != "" {
		t.Errorf("served after a new file (-want +got):\n%s", diff)
	}
	b.clean(t)
}
