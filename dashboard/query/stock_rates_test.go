package query_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// withPeople is a world with charges of three forces and of British Transport
// Police, and mid-year estimates of 2017 and 2018 from another source.
func withPeople(t *testing.T) world {
	t.Helper()
	w := newWorld(t)
	w.put(t, "r1", "s",
		"A charges 2018-01-01 2018-03-31 10", "A charges 2018-04-01 2018-06-30 12", "A charges 2018-01-01 2018-12-31 50", "A charges 2019-07-01 2019-09-30 9",
		"B charges 2018-01-01 2018-03-31 30", "C charges 2018-01-01 2018-03-31 NULL x", "D charges 2018-01-01 2018-03-31 5", "BTP charges 2018-01-01 2018-03-31 7",
		"B charges 2018-04-01 2018-06-30 30 p",
		// A return that has both in one period has no rate of its own.
		"A population 2018-01-01 2018-03-31 999")
	w.put(t, "r2", "pop",
		"A population 2017-06-30 2017-06-30 1000", "A population 2018-06-30 2018-06-30 2000", "B population 2017-06-30 2017-06-30 3000",
		"B population 2018-06-30 2018-06-30 NULL c", "C population 2017-06-30 2017-06-30 5000")
	w.release(t, "r1", "s", first, "one")
	w.release(t, "r2", "pop", second, "one")
	return w
}

// put writes lines of area, measure, first and last day, value and marker; the
// n-th stands in row n+2.
func (w world) put(t *testing.T, id, source string, lines ...string) {
	t.Helper()
	var rows []string
	for i, line := range lines {
		f := strings.Fields(line + " ''")
		marker := strings.Trim(f[5], "'")
		rows = append(rows, fmt.Sprintf("('%s','%s','one','%s','%s','','%s','%s','','',%s,'%s','','%s.csv','',%d)", id, source, f[1], f[0], f[2], f[3], f[4], marker, id, i+2))
	}
	w.exec(t, "INSERT INTO observations VALUES "+strings.Join(rows, ","))
}

func TestRatesByPopulation(t *testing.T) {
	w := withPeople(t)
	rate := []string{"per_1000_people"}
	own := []string{
		"A per_1000_people 10 = 10/1000 [r1.csv:2 r2.csv:2]", "A per_1000_people 25 = 50/2000 [r1.csv:4 r2.csv:3]", "A per_1000_people 6 = 12/2000 [r1.csv:3 r2.csv:3]",
		"B per_1000_people 10 = 30/3000 [r1.csv:6 r2.csv:4]", "B per_1000_people - (c) = 30/- [r1.csv:10 r2.csv:5]",
		"C per_1000_people - (x) = -/5000 [r1.csv:7 r2.csv:6]",
	}
	national := []string{"K04000001 per_1000_people 10 = 40/4000 [r1.csv:2 r1.csv:6 r2.csv:2 r2.csv:4] sum of 2 of 4 forces, no figure from Cleveland, Devon"}
	for name, tt := range map[string]struct {
		filter query.Filter
		want   []string
	}{
		"all":                   {query.Filter{Measures: rate}, append(append([]string{}, own...), national...)},
		"one force":             {query.Filter{Measures: rate, Areas: []string{"B"}}, own[3:5]},
		"England and Wales":     {query.Filter{Measures: rate, Areas: []string{stats.EnglandAndWales}}, national},
		"of the count's source": {query.Filter{Measures: rate, Areas: []string{"A"}, Sources: []string{"s"}}, own[:3]},
		"of no other source":    {query.Filter{Measures: rate, Sources: []string{"pop"}}, nil},
		"between two days":      {query.Filter{Measures: rate, Areas: []string{"A"}, From: stats.Day(2018, 4, 1)}, own[2:3]},
		"before the estimates":  {query.Filter{Measures: rate, AsAt: first}, nil},
		"among other figures": {query.Filter{Areas: []string{"A"}, To: stats.Day(2018, 3, 31)}, []string{"A charges 10 [r1.csv:2]", own[0],
			"A population 1000 [r2.csv:2]", "A population 999 [r1.csv:11]"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, w.ask(t, tt.filter)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for f, err := range w.reader.Figures(t.Context(), query.Filter{Measures: rate, Areas: []string{stats.EnglandAndWales}}) {
		if err != nil || f.Source != "s" || !f.Lower95.Known || strings.Join(f.Releases, " ") != "r1 r2" || !f.PublishedAt.Equal(second) {
			t.Errorf("%+v, error %v", f, err)
		}
	}
}
