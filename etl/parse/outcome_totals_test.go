package parse_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/parse/sheet"
	"stalkstats/etl/parse/sheet/sheettest"
	"stalkstats/internal/stats"
)

// TestOutcomesGenerated reads a workbook with shared texts, as Excel and as
// openpyxl write it, against what its maker says is in it.
func TestOutcomesGenerated(t *testing.T) {
	for _, plain := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "o.xlsx")
		made := makeOutcomes(t, path, 60_000, plain)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		r := read(t, "home_office_outcomes", "o.xlsx", text, sheet.Limits{})
		accounted(t, r)
		if r.err != nil || r.out.Read != uint64(made.Rows) || r.out.Loaded != 44*4*21 {
			t.Fatalf("%v: %d rows read of %d, %d loaded", r.err, r.out.Read, made.Rows, r.out.Loaded)
		}
		want := map[string]int{}
		for key, counts := range made.Stalking {
			area, _ := areas().ByName(key.Force)
			for i, basis := range []string{"recorded in the quarter", "closed in the quarter"} {
				place := fmt.Sprintf("%s %s %s Q%d ", basis, area.Code, sheettest.OutcomesYear, key.Quarter)
				if key.Type == "0" {
					continue
				}
				if measure := alone[key.Type]; measure != "" {
					want[place+measure] = counts[i]
				}
				want[place+"stalking_outcomes"] += counts[i]
				want[place+"stalking_outcomes "+key.Type] = counts[i]
			}
		}
		if diff := cmp.Diff(want, numbers(t, r)); diff != "" {
			t.Errorf("plain %v (-want +got):\n%s", plain, diff)
		}
	}
}

// numbers is the loaded figures by basis, area, period, measure and type.
func numbers(t *testing.T, r result) map[string]int {
	t.Helper()
	all := map[string]int{}
	for _, row := range r.rows {
		o := row.(stats.Observation)
		key := strings.TrimSpace(strings.Join([]string{o.Basis, o.Area, o.Period.Label(), o.Measure, o.BreakdownValue}, " "))
		if _, twice := all[key]; twice || !o.Value.Known {
			t.Errorf("twice, or without a number: %+v", o)
		}
		all[key] = int(o.Value.Number)
	}
	return all
}

// TestOutcomeTotals: in a random file a total is the sum of its parts, a marker
// where one of them is, and not there where a row was rejected.
func TestOutcomeTotals(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	cells := []string{"0", "3", " 12 ", "-1", `"1,000"`, "7", "4", "N/A", "N/A - Offence code expired", "few"}
	for range 300 {
		var text strings.Builder
		text.WriteString(outcomesHeader + "\n")
		cell := func() string { return cells[r.IntN(len(cells)-r.IntN(4))] }
		for range 1 + r.IntN(60) {
			line := outcome([]string{"Kent", "Dorset", "Greater Manchester", "CIFAS"}[r.IntN(4)], []string{"0", "1", "1a", "14", "16"}[r.IntN(5)], cell()+","+cell())
			text.WriteString(strings.Replace(at([]string{"2019/20", "2021/22"}[r.IntN(2)], strconv.Itoa(1+r.IntN(4)), line), "8Q", []string{"8Q", "8Q", "8L"}[r.IntN(3)], 1))
		}
		got := read(t, "home_office_outcomes", "f.csv", []byte(text.String()), sheet.Limits{})
		accounted(t, got)
		checkTotals(t, got)
		if t.Failed() {
			t.Fatal(text.String())
		}
	}
}

func checkTotals(t *testing.T, r result) {
	t.Helper()
	sums, gaps, totals := map[stats.Key]float64{}, map[stats.Key]bool{}, map[stats.Key]stats.Value{}
	for _, row := range r.rows {
		o := row.(stats.Observation)
		key := o.Key
		key.Breakdown, key.BreakdownValue = "", ""
		switch {
		case o.Measure != "stalking_outcomes":
			continue
		case o.Breakdown == "":
			totals[key] = o.Value
			continue
		}
		sums[key] += o.Value.Number
		gaps[key] = gaps[key] || !o.Value.Known || o.Value.Markers.Has(stats.LowReliability)
	}
	spoilt := map[string]bool{}
	for _, x := range r.out.Rejections {
		spoilt[fmt.Sprint(x.Row)] = true
	}
	for key, total := range totals {
		if _, ok := sums[key]; !ok || total.Known == gaps[key] || total.Known && total.Number != sums[key] {
			t.Errorf("%+v: the total is %+v, the sum of its parts %v, with a gap %v", key, total, sums[key], gaps[key])
		}
	}
	if len(spoilt) == 0 && len(totals) != len(sums) {
		t.Errorf("%d totals of %d", len(totals), len(sums))
	}
	if len(spoilt) > 0 && len(sums)-len(totals) > 2*len(spoilt) {
		t.Errorf("%d rows are rejected, and %d totals of %d are there", len(spoilt), len(totals), len(sums))
	}
}

// TestOutcomesThatTakeRefuses: a figure that is refused rejects its row, and
// the total that would lack it is not there; a total that is refused has no
