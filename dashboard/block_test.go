package dashboard

import (
	"net/http"
	"strings"
	"testing"
)

// TestNoFailingPartTakesAPageDown: a table that cannot be read is told of where
// it is missed, and what can be read stands beside it.
func TestNoFailingPartTakesAPageDown(t *testing.T) {
	fresh := "Whether the figures are up to date could not be read, and the fault is ours."
	drawn := "What people put onto the charts could not be read, and the fault is ours."
	bearing := "The figures that bear on the recommendations could not be read, and the fault is ours."
	for broken, pages := range map[string]map[string][2]string{ // what fails, and what stands
		"ALTER TABLE runs DROP COLUMN rejected_rows": {
			"/": {fresh, "Headline measures"}, "/measures": {fresh, "Every measure with its newest figure"}, charges: {fresh, "Stalking charges"},
			"/orders": {fresh, "From application to end"}, "/compare": {fresh, "Every force"}, "/changes?since=2024-10-08": {"The state of the sources could not be read", "New figures"},
			"/recommendations": {fresh, "Record it."}, "/recommendations/7": {fresh, "Record it."},
		},
		"DROP TABLE annotations SYNC": {
			"/": {drawn, "Headline measures"}, charges: {drawn, "What it counts"}, "/orders": {drawn, "From application to end"},
			"/changes?since=2024-10-08": {"What is out of limits could not be read", "New figures"},
			"/recommendations":          {bearing, "Record it."}, "/recommendations/7": {bearing, "Record it."},
		},
		"DROP TABLE progress_entries SYNC": {
			"/": {"cannot be read just now", "Headline measures"}, "/recommendations": {"cannot be read just now", "Record it."},
		},
		"DROP TABLE series_breaks SYNC": {"/recommendations": {bearing, "Record it."}, "/recommendations/7": {bearing, "Record it."}},
	} {
		t.Run(broken, func(t *testing.T) {
			whole, w := newWhole(t), newWhole(t)
			w.exec(t, broken)
			for address, says := range pages {
				if got := whole.get(address); got.Code != http.StatusOK || strings.Contains(page(t, got), says[0]) {
					t.Errorf("%s before anything fails: %d: %q", address, got.Code, page(t, got))
				}
				got := w.get(address)
				if body := page(t, got); got.Code != http.StatusOK || !strings.Contains(body, says[0]) || !strings.Contains(body, says[1]) {
					t.Errorf("%s: %d: %q, want %q", address, got.Code, body, says)
				}
			}
		})
	}
}

// newWhole is a site of which every page has something to show.
func newWhole(t *testing.T) works {
	t.Helper()
	w := newCompared(t)
	for _, sql := range []string{
		`INSERT INTO recommendations (release_id, source, slice, number, ref, addressee, deadline, ask, confidence, evidence, file, source_row) VALUES
			('g','register','all',7,'','chief constables','2024-10-01','Record it.','confirmed','plans','register.csv',2)`,
		`INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('register','all','g','2024-10-01','g')`,
		`INSERT INTO measures (release_id, source, slice, measure, measure_name, unit, adds_up, force_source, source_row) VALUES ('r0','measures','all','spo_granted','Stalking Protection Orders granted','orders','areas and periods','force_return',9)`,
		`INSERT INTO observations (release_id, source, slice, measure, area_code, period_start, period_end, value, file, source_row) VALUES ('` + newRelease + `','force_return','2024','spo_granted','E23000026','2024-01-01','2024-01-31',3,'f.csv',9)`,
	} {
		w.exec(t, sql)
	}
	return w
}
