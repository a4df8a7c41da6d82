package dashboard

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"stalkstats/dashboard/pagetest"
)

// newCompared is a site of twelve forces with charges and outcomes of two
// years, of which one has only a marker in the first year.
func newCompared(t *testing.T) works {
	t.Helper()
	w := newWorks(t)
	w.exec(t, `INSERT INTO measures (release_id, source, slice, measure, basis, measure_name, definition, unit, numerator, denominator, per, interval_method, direction, headline, compare_source, source_row) VALUES
		('r0','measures','all','charge_rate','outcomes','Charge rate','A share.','percent','stalking_charges','stalking_outcomes',100,'wilson','up',1,'published',3),
		('r0','measures','all','stalking_outcomes','','Stalking outcomes','All.','outcomes','','',0,'','neither',0,'published',4)`)
	w.exec(t, `INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('published','all','q0','2024-02-01','q0')`)
	w.exec(t, `INSERT INTO releases (release_id, source, file, sha256, retrieved_at, created_at) VALUES ('q0','published','published.csv','s','2024-02-01','2024-02-01')`)
	var areas, rows []string
	add := func(measure, code, start, value, note string, row int) {
		rows = append(rows, fmt.Sprintf("('q0','published','all','%s','%s','%s',addYears(toDate('%[3]s'),1)-1,%s,'%s','published.csv',%d)", measure, code, start, value, note, row))
	}
	for n := range 12 {
		code := fmt.Sprintf("E23000%03d", 26+n)
		if n > 0 {
			areas = append(areas, fmt.Sprintf("('r0','areas','all','%s','Force %c','territorial_force',%d)", code, 'A'+n, n+3))
		}
		charges, outcomes := 50+n, 985+10*n
		if n == 11 {
			charges = 400 // far above all others
		}
		add("stalking_charges", code, "2021-04-01", fmt.Sprint(charges), "", 2*n+2)
		add("stalking_outcomes", code, "2021-04-01", fmt.Sprint(outcomes), "", 2*n+3)
		if n == 5 {
			add("stalking_charges", code, "2020-04-01", "NULL", "x", 100)
			add("stalking_outcomes", code, "2020-04-01", "NULL", "x", 101)
			continue
		}
		add("stalking_charges", code, "2020-04-01", "40", "", 2*n+50)
		add("stalking_outcomes", code, "2020-04-01", "900", "", 2*n+51)
	}
	w.insert(t, "areas (release_id, source, slice, area_code, area_name, kind, source_row)", areas...)
	w.insert(t, observations, rows...)
	return w
}

func TestComparePage(t *testing.T) {
	w := newCompared(t)
	got := w.get("/compare")
	if got.Code != http.StatusOK {
		t.Fatal(got.Code, page(t, got))
	}
	root := parse(t, got.Body.Bytes())
	said := page(t, got)
	for _, want := range []string{
		"Bedfordshire: charge rate 5.1% in the year to March 2022, inside the limits of all forces", "5.1% (50 of 985), 95% range 3.9 to 6.6",
		"Force L is above the 99.8% limit: 36.5% (400 of 1,095).", "no most similar group of Bedfordshire is loaded for 31 March 2022", "Over-dispersion: φ = ", "The 12 forces differ from one another by more than chance explains.",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("page = %q, want %q", said, want)
		}
	}
	rows := pagetest.Elements(root, "tr", "")
	var names []string
	for _, row := range rows[1:] {
		names = append(names, text(row))
	}
	if len(names) != 13 || !strings.HasPrefix(names[0], "Bedfordshire") || !strings.HasPrefix(names[1], "Force B") || !strings.HasPrefix(names[11], "Force L") {
		t.Errorf("rows %q, want the forces in order of name and all together", names)
	}
	if !strings.Contains(got.Body.String(), `"99.8% limit"`) {
		t.Error("the limits are not in the chart")
	}
}

func TestCompareLeavesOutWhatIsMissing(t *testing.T) {
	w := newCompared(t)
	text := page(t, w.get("/compare?measure=charge_rate&period=2020/21"))
	if !strings.Contains(text, "Force F: not available in published. That is a gap, and not a zero.") || !strings.Contains(text, "11 of 12 forces with a figure") {
		t.Errorf("page = %q, want the force without a figure and why", text)
	}
	if strings.Contains(text, "Force F is") {
		t.Errorf("a gap is judged: %q", text)
	}
}

func TestCompareWithinAGroup(t *testing.T) {
	w := newCompared(t)
	w.exec(t, `INSERT INTO most_similar_groups (release_id, source, slice, area_code, similar_area_code, valid_from, evidence, file, source_row)
		SELECT 'g0','groups','all','E23000026','E230000' || toString(27 + number),'2020-01-01','a list','groups.csv',2+number FROM numbers(3)`)
	w.exec(t, `INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('groups','all','g0','2024-02-02','g0')`)
	text := page(t, w.get("/compare"))
	for _, want := range []string{"with 4 forces there are too few to tell how much forces differ anyway", "most similar"} {
		if !strings.Contains(text, want) {
			t.Errorf("page = %q, want %q", text, want)
		}
	}
	if all := page(t, w.get("/compare?group=all")); !strings.Contains(all, "The 12 forces differ") {
		t.Errorf("all forces: %q", all)
	}
}

func TestCompareRefuses(t *testing.T) {
	w := newCompared(t)
	for address, code := range map[string]int{
		"/compare?measure=none": http.StatusNotFound, "/compare?measure=stalking_charges": http.StatusBadRequest, "/compare?area=X": http.StatusNotFound,
		"/compare?period=2024-13": http.StatusBadRequest, "/compare?group=friends": http.StatusBadRequest, "/compare?colour=red": http.StatusBadRequest,
	} {
		if got := w.get(address); got.Code != code {
			t.Errorf("%s: %d, want %d: %s", address, got.Code, code, page(t, got))
		}
	}
	if got := newWorks(t).get("/compare"); got.Code != http.StatusOK || !strings.Contains(page(t, got), "There are no rates of forces to compare yet") {
		t.Errorf("nothing loaded: %d", got.Code)
	}
}

func TestChangesPage(t *testing.T) {
	w := newCharges(t)
	w.exec(t, `ALTER TABLE measures UPDATE headline = 1, direction = 'up', unit = 'charges' WHERE measure = 'stalking_charges' SETTINGS mutations_sync = 1`)
	w.exec(t, `INSERT INTO revisions (run_id, source, slice, change, measure, area_code, period_start, period_end, value, file, source_row)
		SELECT 'c0', source, slice, 'new', measure, area_code, period_start, period_end, value, file, source_row FROM observations WHERE release_id = 'c0'`)
	w.exec(t, `ALTER TABLE measures UPDATE force_source = 'charges' WHERE measure = 'stalking_charges' SETTINGS mutations_sync = 1`)
	if got := page(t, w.get("/changes")); !strings.Contains(got, "Choose the day of the last board.") {
		t.Errorf("page = %q", got)
	}
	got := page(t, w.get("/changes?since=2024-01-15"))
	for _, want := range []string{"Bedfordshire since 15 January 2024: 1 measure changed beyond chance", "Improvement: Stalking charges stayed above what chance explains since January 2023."} {
		if !strings.Contains(got, want) {
			t.Errorf("page = %q, want %q", got, want)
		}
	}
	if later := page(t, w.get("/changes?since=2024-10-13")); !strings.Contains(later, "Nothing changed beyond chance since 13 October 2024.") {
		t.Errorf("page = %q", later)
	}
	for address, code := range map[string]int{
		"/changes?since=2024-02-30": http.StatusBadRequest, "/changes?since=yesterday": http.StatusBadRequest, "/changes?since=2030-01-01": http.StatusBadRequest,
		"/changes?area=X": http.StatusNotFound, "/changes?colour=red": http.StatusBadRequest,
	} {
		if got := w.get(address); got.Code != code {
			t.Errorf("%s: %d, want %d", address, got.Code, code)
		}
	}
}

// One failing block never takes the page down.
func TestChangesWithAFailingBlock(t *testing.T) {
	w := newCharges(t)
	w.exec(t, "DROP TABLE progress_entries SYNC")
	got := w.get("/changes?since=2024-01-15")
	text := page(t, got)
	if got.Code != http.StatusOK || !strings.Contains(text, "The record of the recommendations could not be read, and the fault is ours.") || !strings.Contains(text, "New figures") {
		t.Errorf("%d: %q", got.Code, text)
	}
}

// knownLinks is where the numbers of a part of a page lead, by what they say.
func knownLinks(n *html.Node) map[string]string {
	links := map[string]string{}
	for _, a := range pagetest.Elements(n, "a", "known") {
		links[text(a)] = pagetest.Attribute(a, "href")
	}
	return links
}

// TestComparedNumbersSayHowTheyAreKnown: every count and rate of the table, and
// those of the sentences, lead to a page that has the same number.
func TestComparedNumbersSayHowTheyAreKnown(t *testing.T) {
	w := newCompared(t)
	w.exec(t, `INSERT INTO areas (release_id, source, slice, area_code, area_name, kind, source_row) VALUES ('r0','areas','all','K04000001','England and Wales','country',99)`)
	root := parse(t, w.get("/compare").Body.Bytes())
	if got := knownLinks(pagetest.Elements(root, "div", "lede")[0]); len(got) != 2 || got["5.1%"] == "" {
		t.Errorf("the sentences lead to %v", got)
	}
	rows := pagetest.Elements(root, "tr", "")[1:]
	for _, row := range rows {
		cells := pagetest.Elements(row, "td", "")
		links := knownLinks(row)
		if len(links) != 3 {
			t.Errorf("%s: %d numbers lead to a page, want 3", text(row), len(links))
		}
		for _, cell := range cells[:3] {
			number := text(cell)
			if got := page(t, w.get(links[number])); !strings.Contains(got, " "+number) {
				t.Errorf("%s leads to %s: %.150q", number, links[number], got)
			}
		}
	}
	if last := text(rows[len(rows)-1]); !strings.HasPrefix(last, "All forces together") {
		t.Errorf("the last row is %q", last)
	}
	gap := parse(t, w.get("/compare?period=2020/21").Body.Bytes())
	for _, row := range pagetest.Elements(gap, "tr", "") {
		if links := knownLinks(row); strings.HasPrefix(text(row), "Force F") && (len(links) != 1 || links["not available"] == "") {
			t.Errorf("a gap: %v", links)
		}
	}
}

// TestWhatCannotBeCompared: an area that is no force, and a period without
// figures, are told by name, with a way to what can be compared.
func TestWhatCannotBeCompared(t *testing.T) {
	w := newCompared(t)
	w.exec(t, `INSERT INTO areas (release_id, source, slice, area_code, area_name, kind, source_row) VALUES ('r0','areas','all','K04000001','England and Wales','country',99)`)
	for address, want := range map[string]struct {
		status     int
		title, way string
	}{
		"/compare?area=K04000001": {http.StatusBadRequest, "England and Wales is not compared with forces", "Compare the forces"},
		"/compare?period=2098/99": {http.StatusNotFound, "There is no charge rate to compare in the year to March 2099", "Compare the forces in the year to March 2022"},
	} {
		got := w.get(address)
		root := parse(t, got.Body.Bytes())
		if title := text(pagetest.Elements(root, "h1", "")[0]); got.Code != want.status || title != want.title {
			t.Errorf("%s: %d, %q", address, got.Code, title)
		}
		way := pagetest.Elements(pagetest.Elements(root, "div", "prose")[0], "a", "")[0]
		if again := w.get(pagetest.Attribute(way, "href")); text(way) != want.way || again.Code != http.StatusOK {
			t.Errorf("%s: %q leads to %s: %d", address, text(way), pagetest.Attribute(way, "href"), again.Code)
		}
	}
}
