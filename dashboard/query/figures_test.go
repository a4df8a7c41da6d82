package query_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

func TestMain(m *testing.M) { os.Exit(clickhousetest.Main(m)) }

// world is a database with four forces, British Transport Police, two counts
// and a rate. What is asked of it is put there by SQL, as a load would.
type world struct {
	db     *clickhouse.DB
	reader *query.Reader
}

var (
	first  = time.Date(2026, 1, 10, 9, 0, 0, 0, time.UTC)
	second = time.Date(2026, 4, 10, 9, 0, 0, 0, time.UTC)
)

func newWorld(t testing.TB) world {
	t.Helper()
	db := clickhousetest.Open(t)
	if _, err := schemas.Apply(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	w := world{db, query.New(db)}
	w.exec(t, "INSERT INTO areas (release_id, source, slice, area_code, area_name, kind, source_row) VALUES "+
		"('r0','areas','all','K04000001','England and Wales','country',2),('r0','areas','all','A','Avon','territorial_force',3),('r0','areas','all','B','Beds','territorial_force',4),"+
		"('r0','areas','all','C','Cleveland','territorial_force',5),('r0','areas','all','D','Devon','territorial_force',6),('r0','areas','all','BTP','British Transport Police','national_force',7)")
	w.exec(t, "INSERT INTO measures (release_id, source, slice, measure, basis, measure_name, numerator, denominator, per, interval_method, adds_up, source_row) VALUES "+
		"('r0','measures','all','charges','','Charges','','',0,'','areas and periods',2),('r0','measures','all','outcomes','','Outcomes','','',0,'','areas and periods',3),"+
		"('r0','measures','all','rate','outcomes','Charge rate','charges','outcomes',100,'wilson','areas and periods',4),"+
		"('r0','measures','all','people','','People','','',0,'','areas',5),('r0','measures','all','median_days','','Days','','',0,'','nothing',6),"+
		"('r0','measures','all','population','','Population','','',0,'','areas',7)")
	w.exec(t, "INSERT INTO measures (release_id, source, slice, measure, measure_name, numerator, denominator, denominator_source, per, interval_method, adds_up, source_row) VALUES "+
		"('r0','measures','all','per_1000_people','Charges per 1,000 people','charges','population','pop',1000,'byar','areas and periods',8)")
	w.release(t, "r0", "areas", first.Add(-time.Hour), "all")
	w.release(t, "r0", "measures", first.Add(-time.Hour), "all")
	return w
}

func (w world) exec(t testing.TB, sql string) {
	t.Helper()
	if err := w.db.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// release publishes slices of a source.
func (w world) release(t testing.TB, id, source string, at time.Time, slices ...string) {
	t.Helper()
	stamp := at.Format("2006-01-02 15:04:05.000000")
	w.exec(t, fmt.Sprintf("INSERT INTO releases VALUES ('%s','%s','f','s','%s.csv','/in/%s.csv','%s','%s')", id, source, id, id, stamp, stamp))
	for _, slice := range slices {
		w.exec(t, fmt.Sprintf("INSERT INTO published (source, slice, release_id, published_at) VALUES ('%s','%s','%s','%s')", source, slice, id, stamp))
	}
}

// observe writes lines of area, measure, value and markers as the figures of
// March 2024 under a release; the n-th stands in row n+2.
func (w world) observe(t *testing.T, id, slice string, lines ...string) {
	t.Helper()
	var rows []string
	for i, line := range lines {
		f := strings.Split(line+"|||", "|")
		value := f[2]
		if value == "" {
			value = "NULL"
		}
		rows = append(rows, fmt.Sprintf("('%s','s','%s','%s','%s','','2024-03-01','2024-03-31','','',%s,'%s','%s','%s.csv','',%d)", id, slice, f[1], f[0], value, f[3], f[4], id, i+2))
	}
	w.exec(t, "INSERT INTO observations VALUES "+strings.Join(rows, ","))
}

// ask is the answer in short: area, measure, value, markers, above and below
// the line, note, and the rows behind.
func (w world) ask(t *testing.T, f query.Filter) (all []string) {
	t.Helper()
	for figure, err := range w.reader.Figures(t.Context(), f) {
		if err != nil {
			t.Fatal(err)
		}
		text := figure.Area + " " + figure.Measure + " " + number(figure.Value)
		if figure.Value.Markers != "" {
			text += " (" + string(figure.Value.Markers) + ")"
		}
		if figure.Numerator.Known || figure.Denominator.Known {
			text += " = " + number(figure.Numerator) + "/" + number(figure.Denominator)
		}
		var rows []string
		for _, o := range figure.Origins {
			rows = append(rows, fmt.Sprintf("%s:%d", o.File, o.Row))
		}
		text += " [" + strings.Join(rows, " ") + "]"
		if figure.Note != "" {
			text += " " + figure.Note
		}
		all = append(all, text)
	}
	return all
}

func number(v stats.Value) string {
	if !v.Known {
		return "-"
	}
	return fmt.Sprint(v.Number)
}

func TestFigures(t *testing.T) {
	ew := []string{stats.EnglandAndWales}
	for name, tt := range map[string]struct {
		lines  []string
		filter query.Filter
		want   []string
	}{
		"a sum, without British Transport Police": {
			[]string{"A|charges|1", "B|charges|2", "C|charges|3", "D|charges|4", "BTP|charges|100"}, query.Filter{},
			[]string{"A charges 1 [r1.csv:2]", "B charges 2 [r1.csv:3]", "BTP charges 100 [r1.csv:6]", "C charges 3 [r1.csv:4]", "D charges 4 [r1.csv:5]",
				"K04000001 charges 10 [r1.csv:2 r1.csv:3 r1.csv:4 r1.csv:5]"}},
		"a sum that names who is missing": {
			[]string{"D|charges|4", "A|charges|1", "C|charges||x"}, query.Filter{Areas: ew},
			[]string{"K04000001 charges 5 [r1.csv:2 r1.csv:3] sum of 2 of 4 forces, no figure from Beds, Cleveland"}},
		"people of several forces": {[]string{"A|people|1", "B|people|2"}, query.Filter{Areas: ew}, []string{"K04000001 people 3 [r1.csv:2 r1.csv:3] sum of 2 of 4 forces, no figure from Cleveland, Devon"}},
		"medians of several forces": {[]string{"A|median_days|20", "B|median_days|30", "C|median_days|40"}, query.Filter{},
			[]string{"A median_days 20 [r1.csv:2]", "B median_days 30 [r1.csv:3]", "C median_days 40 [r1.csv:4]"}},
		"less than half":            {[]string{"A|charges|1", "B|charges||x", "C|charges||x"}, query.Filter{Areas: ew}, nil},
		"a correction":              {[]string{"A|charges|-1", "B|charges|2"}, query.Filter{Areas: ew}, []string{"K04000001 charges 1 [r1.csv:2 r1.csv:3] sum of 2 of 4 forces, no figure from Cleveland, Devon"}},
		"markers and labels":        {[]string{"A|charges|1|p|demonstration", "B|charges|2|r", "C|charges|0", "D|charges|0"}, query.Filter{Areas: ew}, []string{"K04000001 charges 3 (p r) [r1.csv:2 r1.csv:3 r1.csv:4 r1.csv:5] demonstration"}},
		"a zero is no gap":          {[]string{"A|charges|0", "B|charges||c"}, query.Filter{}, []string{"A charges 0 [r1.csv:2]", "B charges - (c) [r1.csv:3]"}},
		"a rate":                    {[]string{"A|charges|5", "A|outcomes|20"}, query.Filter{Measures: []string{"rate"}}, []string{"A rate 25 = 5/20 [r1.csv:2 r1.csv:3]"}},
		"a rate of nothing":         {[]string{"A|charges|0", "A|outcomes|0"}, query.Filter{Measures: []string{"rate"}}, []string{"A rate - (z) = 0/0 [r1.csv:2 r1.csv:3]"}},
		"above the line is missing": {[]string{"A|charges||x", "A|outcomes|20"}, query.Filter{Measures: []string{"rate"}}, []string{"A rate - (x) = -/20 [r1.csv:2 r1.csv:3]"}},
		"below the line is missing": {[]string{"A|charges|5", "A|outcomes||c"}, query.Filter{Measures: []string{"rate"}}, []string{"A rate - (c) = 5/- [r1.csv:2 r1.csv:3]"}},
		"one count alone":           {[]string{"A|charges|5"}, query.Filter{Measures: []string{"rate"}}, nil},
		"a national rate is over the forces that have both": {
			[]string{"A|charges|5", "A|outcomes|20", "B|charges|1", "B|outcomes|30", "C|charges|7", "D|outcomes|9", "BTP|charges|9", "BTP|outcomes|9"},
			query.Filter{Measures: []string{"rate"}, Areas: ew},
			[]string{"K04000001 rate 12 = 6/50 [r1.csv:2 r1.csv:3 r1.csv:4 r1.csv:5] sum of 2 of 4 forces, no figure from Cleveland, Devon"}},
		"one measure and area": {[]string{"A|charges|5", "A|outcomes|20", "B|charges|1"}, query.Filter{Measures: []string{"charges"}, Areas: []string{"B"}}, []string{"B charges 1 [r1.csv:4]"}},
		"another source":       {[]string{"A|charges|5"}, query.Filter{Sources: []string{"other"}}, nil},
		"wholly between":       {[]string{"A|charges|5"}, query.Filter{From: stats.Day(2024, 3, 1), To: stats.Day(2024, 3, 31)}, []string{"A charges 5 [r1.csv:2]"}},
		"to the end of time":   {[]string{"A|charges|5"}, query.Filter{To: stats.Day(2149, 12, 31)}, []string{"A charges 5 [r1.csv:2]"}},
		"begins before":        {[]string{"A|charges|5"}, query.Filter{From: stats.Day(2024, 3, 2)}, nil},
		"ends after":           {[]string{"A|charges|5"}, query.Filter{To: stats.Day(2024, 3, 30)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.observe(t, "r1", "one", tt.lines...)
			w.release(t, "r1", "s", first, "one")
			if diff := cmp.Diff(tt.want, w.ask(t, tt.filter)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestRatesKeepToOneBasis: where a source counts on two bases, a rate is worked
// out on each of them alone, and the parts of a breakdown make no rate.
func TestRatesKeepToOneBasis(t *testing.T) {
	w := newWorld(t)
	var rows []string
	for i, f := range []struct {
		area, measure, basis, kind, value string
	}{
		{"A", "charges", "closed", "", "5"}, {"A", "outcomes", "closed", "", "20"}, {"A", "outcomes", "closed", "1", "5"}, {"A", "outcomes", "closed", "16", "15"},
		{"A", "charges", "recorded", "", "3"}, {"A", "outcomes", "recorded", "", "30"},
		{"B", "charges", "closed", "", "1"}, {"B", "outcomes", "recorded", "", "4"},
		{"C", "charges", "closed", "", "2"}, {"C", "outcomes", "closed", "", "NULL"}, {"C", "charges", "recorded", "", "0"}, {"C", "outcomes", "recorded", "", "10"},
	} {
		marker, breakdown := "", ""
		if f.value == "NULL" {
			marker = "x"
		}
		if f.kind != "" {
			breakdown = "outcome_type"
		}
		rows = append(rows, fmt.Sprintf("('r1','s','one','%s','%s','%s','2024-01-01','2024-03-31','%s','%s',%s,'%s','','r1.csv','',%d)", f.measure, f.area, f.basis, breakdown, f.kind, f.value, marker, i+2))
	}
	w.exec(t, "INSERT INTO observations VALUES "+strings.Join(rows, ","))
	w.release(t, "r1", "s", first, "one")
	var got []string
	for figure, err := range w.reader.Figures(t.Context(), query.Filter{Measures: []string{"rate"}}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s: %s = %s/%s, bounded %v", figure.Area, figure.Basis, number(figure.Value), number(figure.Numerator), number(figure.Denominator), figure.Lower95.Known))
	}
	want := []string{
		"A outcomes, closed: 25 = 5/20, bounded true", "A outcomes, recorded: 10 = 3/30, bounded true",
		"C outcomes, closed: - = 2/-, bounded false", "C outcomes, recorded: 0 = 0/10, bounded true",
		"K04000001 outcomes, recorded: 7.5 = 3/40, bounded true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestReleases: a release replaces the slices it brings, the former one can
// still be asked for, and what was not published is not shown.
func TestReleases(t *testing.T) {
	w := newWorld(t)
	w.observe(t, "r1", "one", "A|charges|1")
	w.observe(t, "r1", "two", "B|charges|2")
	w.observe(t, "r2", "two", "B|charges|20")
	w.observe(t, "r3", "one", "A|charges|999")
	w.release(t, "r1", "s", first, "one", "two")
	w.release(t, "r2", "s", second, "two")
	old, now := []string{"A charges 1 [r1.csv:2]", "B charges 2 [r1.csv:2]"}, []string{"A charges 1 [r1.csv:2]", "B charges 20 [r2.csv:2]"}
	for at, want := range map[time.Time][]string{
		query.Latest: now, second: now, second.Add(-time.Microsecond): old, first: old, first.Add(-time.Microsecond): nil,
	} {
		got := w.ask(t, query.Filter{AsAt: at, Areas: []string{"A", "B"}})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("as at %v (-want +got):\n%s", at, diff)
		}
	}
	var sum stats.Figure
	for f, err := range w.reader.Figures(t.Context(), query.Filter{Areas: []string{stats.EnglandAndWales}}) {
		if err != nil {
			t.Fatal(err)
		}
		sum = f
	}
	if !slices.Equal(sum.Releases, []string{"r1", "r2"}) || !sum.PublishedAt.Equal(second) || sum.Value.Number != 21 {
		t.Errorf("the sum is %+v", sum)
	}
}

// TestAFigureServedTwice: better no answer than a doubled one.
func TestAFigureServedTwice(t *testing.T) {
	w := newWorld(t)
	w.observe(t, "r1", "one", "A|charges|1")
	w.observe(t, "r1", "two", "A|charges|1")
	w.release(t, "r1", "s", first, "one", "two")
	var failed error
	for _, err := range w.reader.Figures(t.Context(), query.Filter{}) {
		failed = err
	}
	if failed == nil || !strings.Contains(failed.Error(), "a figure is served twice") {
		t.Errorf("error %v", failed)
	}
}

// TestBehind: the releases behind a report are those of its figures, and no others of
// the same source.
func TestBehind(t *testing.T) {
	w := newWorld(t)
	w.observe(t, "r1", "a", "A|charges|5", "B|charges|6", "A|outcomes|50")
	w.observe(t, "r2", "b", "C|charges|7")
	w.observe(t, "r3", "c", "C|people|7")
	for id, slice := range map[string]string{"r1": "a", "r2": "b", "r3": "c"} {
		w.release(t, id, "s", first, slice)
	}
	for name, tt := range map[string]struct {
		filter query.Filter
		want   string
	}{
		"all":                   {query.Filter{}, "r1 r2 r3"},
		"a measure":             {query.Filter{Measures: []string{"people"}}, "r3"},
		"an area":               {query.Filter{Areas: []string{"A"}}, "r1"},
		"a rate, of its counts": {query.Filter{Measures: []string{"rate"}, Areas: []string{"A"}}, "r1"},
		"a sum, of its parts":   {query.Filter{Measures: []string{"charges"}, Areas: []string{stats.EnglandAndWales}}, "r1 r2"},
		"a day":                 {query.Filter{From: stats.Day(2024, time.April, 1)}, ""},
		"before":                {query.Filter{AsAt: first.Add(-time.Minute)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			behind, err := w.reader.Behind(t.Context(), tt.filter)
			if got := strings.Join(slices.Sorted(maps.Keys(behind)), " "); err != nil || got != tt.want {
				t.Errorf("behind %q, %v; want %q", got, err, tt.want)
			}
			figures := map[string]bool{}
			for f, err := range w.reader.Figures(t.Context(), tt.filter) {
				if err != nil {
					t.Fatal(err)
				}
				for _, id := range f.Releases {
					figures[id] = true
				}
			}
			if diff := cmp.Diff(figures, behind); diff != "" {
				t.Errorf("of the figures (-), behind (+):\n%s", diff)
			}
		})
	}
}
