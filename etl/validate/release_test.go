package validate

import (
	"strings"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// none is no measures: then a count goes by its short name.
var none = stats.NewMeasures(nil)

func TestAllForces(t *testing.T) {
	quarter := func(n int) stats.Key { return stats.Key{Measure: "m", Period: stats.Quarter(2019, n)} }
	areas := stats.NewAreas(forces())
	var codes []string
	for _, a := range areas.Forces() {
		codes = append(codes, a.Code)
	}
	for name, tt := range map[string]struct {
		there map[stats.Key][]string
		says  string
	}{
		"all":        {map[stats.Key][]string{quarter(1): append([]string{"BTP"}, codes...), quarter(2): codes}, ""},
		"one gone":   {map[stats.Key][]string{quarter(1): codes, quarter(2): codes[1:]}, "m, 2019/20 Q2: there is no figure of Force 1; all 43 forces must be there"},
		"many gone":  {map[stats.Key][]string{quarter(1): codes[5:]}, "no figure of Force 1, Force 10, Force 11 and 2 more"},
		"no figures": {nil, ""},
	} {
		if got := AllForces(tt.there, areas, none); got != tt.says && (tt.says == "" || !strings.Contains(got, tt.says)) {
			t.Errorf("%s: %q, want %q", name, got, tt.says)
		}
	}
}

func TestContinuous(t *testing.T) {
	for name, tt := range map[string]struct {
		periods string
		now     string
		says    string
	}{
		"months":                {"2024-03 2024-01 2024-02", "", ""},
		"a month is missing":    {"2024-01 2024-02 2024-04", "2024-01 2024-02", "no figure of m of Kent for Mar 2024, though there are earlier and later ones"},
		"it was missing before": {"2024-01 2024-02 2024-04 2024-05", "2024-01 2024-02 2024-04", ""},
		"part of it was filled": {"2024-01 2024-02 2024-05", "2024-01 2024-05", ""},
		"a month is taken away": {"2024-01 2024-03", "2024-01 2024-02 2024-03", "no figure of m of Kent for Feb 2024"},
		"a month in two":        {"2024-08 2024-09-01/2024-09-27 2024-09-28/2024-09-30 2024-10", "", ""},
		"a day is missing":      {"2024-08 2024-09-01/2024-09-27 2024-09-29/2024-09-30", "", "no figure of m of Kent for 28 Sep 2024"},
		"a year and its ends":   {"2023/24 2023/24_Q1 2024/25_Q1", "", ""},
		"a year is missing":     {"2017/18 2019/20", "2017/18", "no figure of m of Kent for year to Mar 2019, though"},
		"two years are missing": {"2017/18 2020/21", "", "for 1 Apr 2018 to 31 Mar 2020"},
		"a year of quarters":    {"2017/18_Q3 2017/18_Q4 2019/20_Q1", "", "no figure of m of Kent for year to Mar 2019"},
		"a year as quarters":    {"2017/18 2018/19_Q1 2018/19_Q2 2018/19_Q3 2018/19_Q4 2019/20", "", ""},
		"a year was missing":    {"2017/18 2019/20 2020/21", "2017/18 2019/20", ""},
		"one of two is filled":  {"2017/18 2018/19 2020/21", "2017/18 2020/21", ""},
		"a year is taken away":  {"2017/18 2019/20", "2017/18 2018/19 2019/20", "for year to Mar 2019"},
		"a stretch, then years": {"2020-01-20/2020-12-30 2021/22", "", ""},
		"two half years":        {"2020-04-01/2020-09-30 2021-04-01/2021-09-30", "", "for 1 Oct 2020 to 31 Mar 2021"},
		"years, then quarters":  {"2017/18 2019/20_Q1 2019/20_Q2", "", ""},
		"years to any month":    {"2022-02-01/2023-01-31 2022-03-01/2023-02-28 2022/23", "", ""},
		"almost a year":         {"2017/18 2019-03", "", "for 1 Apr 2018 to 28 Feb 2019"},
		"one day of each year":  {"2022-06-30/2022-06-30 2023-06-30/2023-06-30 2024-06-30/2024-06-30", "", ""},
		"one":                   {"2024-01", "", ""},
	} {
		kent := stats.Key{Measure: "m", Area: "E23000032"}
		now, then := map[stats.Key][]stats.Period{kent: periods(t, tt.now)}, map[stats.Key][]stats.Period{kent: periods(t, tt.periods)}
		if got := Continuous(now, then, kentAndBedfordshire(), none); got != tt.says && (tt.says == "" || !strings.Contains(got, tt.says)) {
			t.Errorf("%s: %q, want %q", name, got, tt.says)
		}
	}
}

func kentAndBedfordshire() *stats.Areas {
	return stats.NewAreas([]stats.Area{
		{Code: "E23000032", Name: "Kent", Kind: stats.TerritorialForce}, {Code: "E23000026", Name: "Bedfordshire", Kind: stats.TerritorialForce},
		{Code: "BTP", Name: "British Transport Police", Kind: stats.NationalForce},
	})
}

// TestEachAreaHasItsOwnGaps: what one force has fills no gap of another.
func TestEachAreaHasItsOwnGaps(t *testing.T) {
	series := func(area, basis string) stats.Key { return stats.Key{Measure: "m", Area: area, Basis: basis} }
	for name, tt := range map[string]struct {
		then map[stats.Key][]stats.Period
		says string
	}{
		"one has what the other lacks": {map[stats.Key][]stats.Period{
			series("E23000026", ""): periods(t, "2024-01 2024-02 2024-03"), series("E23000032", ""): periods(t, "2024-01 2024-03"),
		}, "no figure of m of Kent for Feb 2024, though there are earlier and later ones"},
		"each lacks another": {map[stats.Key][]stats.Period{
			series("E23000026", ""): periods(t, "2024-01 2024-02 2024-04"), series("E23000032", ""): periods(t, "2024-01 2024-03 2024-04"),
		}, "no figure of m of Bedfordshire for Mar 2024, though there are earlier and later ones (and 1 more such gap)"},
		"another police": {map[stats.Key][]stats.Period{series("BTP", ""): periods(t, "2024-01 2024-03")}, ""},
		"one begins later and one ends earlier": {map[stats.Key][]stats.Period{
			series("E23000026", ""): periods(t, "2017/18 2018/19"), series("E23000032", ""): periods(t, "2019/20 2020/21"),
		}, ""},
		"one of its bases": {map[stats.Key][]stats.Period{
			series("E23000026", "recorded"): periods(t, "2017/18 2018/19 2019/20"), series("E23000026", "outcomes"): periods(t, "2017/18 2019/20"),
		}, "no figure of m of Bedfordshire for year to Mar 2019, though there are earlier and later ones"},
	} {
		if got := Continuous(nil, tt.then, kentAndBedfordshire(), none); got != tt.says {
			t.Errorf("%s: %q, want %q", name, got, tt.says)
		}
	}
}

func periods(t *testing.T, texts string) (all []stats.Period) {
	t.Helper()
	for text := range strings.FieldsSeq(texts) {
		p, err := stats.ParsePeriod(strings.ReplaceAll(text, "_", " "))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func TestJumpsOverABreakAreNoJumps(t *testing.T) {
	measures := stats.NewMeasures([]stats.Measure{{ID: "stalking_recorded", Name: "Recorded stalking offences"}})
	areas := stats.NewAreas([]stats.Area{{Code: "E23000026", Name: "Bedfordshire"}})
	rules := stats.Break{Date: stats.Day(2020, 4, 1), Measures: []string{"stalking_recorded"}}
	year := func(start int, than int) stats.Jump {
		return stats.Jump{Key: stats.Key{Measure: "stalking_recorded", Area: "E23000026", Period: stats.FinancialYear(start)}, Than: stats.FinancialYear(than), Before: 10, Now: 100, Row: 7}
	}
	part := year(2021, 2020)
	part.Breakdown, part.BreakdownValue = "domestic", "yes"
	for name, tt := range map[string]struct {
		jumps []stats.Jump
		says  string
	}{
		"none":             {nil, ""},
		"over the break":   {[]stats.Jump{year(2020, 2019)}, ""},
		"after the break":  {[]stats.Jump{year(2020, 2019), year(2021, 2020)}, "row 7: Recorded stalking offences of Bedfordshire, year to Mar 2022, is 100 and was 10 in year to Mar 2021"},
		"before, revised":  {[]stats.Jump{year(2019, 2019), year(2018, 2018)}, "is 100 and was served as 10 (and 1 more such jump)"},
		"of a part":        {[]stats.Jump{part}, "row 7: Recorded stalking offences (domestic yes) of Bedfordshire, year to Mar 2022, is 100 and was"},
		"in the very year": {[]stats.Jump{year(2020, 2020)}, "was served as 10"},
	} {
		if got := Jumps(tt.jumps, areas, measures, []stats.Break{rules}); got != tt.says && (tt.says == "" || !strings.Contains(got, tt.says)) {
			t.Errorf("%s: %q, want %q", name, got, tt.says)
		}
	}
}

func TestVintage(t *testing.T) {
	const now = "prc-pfa-mar2013-onwards-tables-230726.ods"
	for file, tt := range map[string]struct {
		served []string
		old    bool
		dated  bool
	}{
		"prc-pfa-mar2013-onwards-tables-230426.ods": {[]string{now}, true, true},
		"prc-pfa-mar2013-onwards-tables-240726.ods": {[]string{now}, false, true},
		now:                      {[]string{now}, false, true},
		"first-230726.ods":       {nil, false, true},
		"return-2026-07-01.csv":  {[]string{"return-2026-08-01.csv", "other.csv"}, true, true},
		"return_20260701.csv":    {[]string{"return.csv"}, false, false},
		"return.csv":             {[]string{now}, false, false},
		"return-991399.csv":      {[]string{now}, false, false},
		"case 123456789 old.csv": {[]string{now}, false, false},
	} {
		if got, err := Vintage(file, tt.served); (got != "") != tt.old || (err == nil) != tt.dated {
			t.Errorf("%s against %v: %q, %v", file, tt.served, got, err)
		}
	}
	if day, ok := stats.NameDate(now); !ok || !day.Equal(time.Date(2026, 7, 23, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%s is of %v", now, day)
	}
}

func TestTotalsAndLosses(t *testing.T) {
	areas := stats.NewAreas([]stats.Area{{Code: "E23000026", Name: "Bedfordshire"}})
	total := stats.Total{Key: stats.Key{Measure: "m", Area: "a", Period: stats.Month(2024, 3)}, Number: 5, Parts: 6, Of: "domestic", Row: 3}
	if got, want := Totals([]stats.Total{total, total, total}, areas, none), "row 3: m of a, Mar 2024, is 5 and its domestic figures add up to 6 (and 2 more wrong totals)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	total.Area = "E23000026"
	if got, want := Totals([]stats.Total{total}, areas, none), "row 3: m of Bedfordshire, Mar 2024, is 5 and its domestic figures add up to 6"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Totals(make([]stats.Total, MostFound), areas, none); !strings.HasSuffix(got, "(and at least 999 more wrong totals)") {
		t.Errorf("%q", got)
	}
	for _, tt := range []struct {
		lost stats.Losses
		bad  bool
	}{{stats.Losses{}, false}, {stats.Losses{Served: 100, Figures: 10}, false}, {stats.Losses{Served: 100, Figures: 11}, true}, {stats.Losses{Served: 9, Period: stats.Month(2024, 1)}, true}, {stats.Losses{Served: 43, Zeros: 43}, true}, {stats.Losses{Served: 43, Zeros: 4}, false}, {stats.Losses{Served: 9, Zeros: 9}, false}} {
		if got := Losses(tt.lost, none); (got != "") != tt.bad {
			t.Errorf("%+v: %q", tt.lost, got)
		}
	}
}
