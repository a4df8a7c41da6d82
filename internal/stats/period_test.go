package stats

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParsePeriod(t *testing.T) {
	for text, want := range map[string]struct {
		period Period
		kind   PeriodKind
		label  string
	}{
		"2024-09":               {Period{Day(2024, 9, 1), Day(2024, 9, 30)}, KindMonth, "Sep 2024"},
		"2024-02":               {Period{Day(2024, 2, 1), Day(2024, 2, 29)}, KindMonth, "Feb 2024"},
		"2017/18 Q1":            {Period{Day(2017, 4, 1), Day(2017, 6, 30)}, KindQuarter, "2017/18 Q1"},
		"2017/18 Q2":            {Period{Day(2017, 7, 1), Day(2017, 9, 30)}, KindQuarter, "2017/18 Q2"},
		"2017/18 Q3":            {Period{Day(2017, 10, 1), Day(2017, 12, 31)}, KindQuarter, "2017/18 Q3"},
		"2017/18 Q4":            {Period{Day(2018, 1, 1), Day(2018, 3, 31)}, KindQuarter, "2017/18 Q4"},
		"2021/22":               {Period{Day(2021, 4, 1), Day(2022, 3, 31)}, KindFinancialYear, "year to Mar 2022"},
		"1999/00":               {Period{Day(1999, 4, 1), Day(2000, 3, 31)}, KindFinancialYear, "year to Mar 2000"},
		"2024-01-01/2024-12-31": {Period{Day(2024, 1, 1), Day(2024, 12, 31)}, KindCalendarYear, "year to Dec 2024"},
		"2023-10-01/2024-09-30": {Period{Day(2023, 10, 1), Day(2024, 9, 30)}, KindTwelveMonths, "year to Sep 2024"},
		"2024-01-01/2024-09-27": {Period{Day(2024, 1, 1), Day(2024, 9, 27)}, KindRange, "1 Jan to 27 Sep 2024"},
		"2020-01-20/2021-03-31": {Period{Day(2020, 1, 20), Day(2021, 3, 31)}, KindRange, "20 Jan 2020 to 31 Mar 2021"},
		"2024-09-28/2024-09-30": {Period{Day(2024, 9, 28), Day(2024, 9, 30)}, KindRange, "28 to 30 Sep 2024"},
		"2024-09-27/2024-09-27": {Period{Day(2024, 9, 27), Day(2024, 9, 27)}, KindRange, "27 Sep 2024"},
		"2024-02-01/2024-04-30": {Period{Day(2024, 2, 1), Day(2024, 4, 30)}, KindRange, "1 Feb to 30 Apr 2024"},
		"2024-04-01/2024-06-30": {Period{Day(2024, 4, 1), Day(2024, 6, 30)}, KindQuarter, "2024/25 Q1"},
	} {
		got, err := ParsePeriod(text)
		if err != nil {
			t.Errorf("ParsePeriod(%q): %v", text, err)
			continue
		}
		if got != want.period || got.Kind() != want.kind || got.Label() != want.label {
			t.Errorf("ParsePeriod(%q) = %v, %s, %q, want %v, %s, %q", text, got, got.Kind(), got.Label(), want.period, want.kind, want.label)
		}
	}
}

func TestNotAPeriod(t *testing.T) {
	for text, says := range map[string]string{
		"":                      "write 2024-03",
		"2024":                  "is not a period",
		"2024-13":               "is not a period",
		"2024-00":               "is not a period",
		"2024/26":               "is not a period",
		"2024/25 Q5":            "is not a period",
		"2024/25 q1":            "is not a period",
		" 2024-03":              "is not a period",
		"2024-09-27/2024-01-01": "is not a period",
		"2024-02-30/2024-03-01": "is not a period",
		"0204-03":               "outside the years 1990 to 2100",
		"9999/00":               "outside the years 1990 to 2100",
		"２０２４-03":               "is not a period",
	} {
		if got, err := ParsePeriod(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("ParsePeriod(%q) = %v, %v, want an error that says %q", text, got, err, says)
		}
	}
}

func TestYearEarlier(t *testing.T) {
	for text, want := range map[string]string{
		"2024-09":               "2023-09",
		"2024-02":               "2023-02",
		"2025-02":               "2024-02", // all 29 days of it
		"2024/25 Q4":            "2023/24 Q4",
		"2024/25":               "2023/24",
		"2024-01-01/2024-09-27": "2023-01-01/2023-09-27",
		"2024-01-01/2024-02-29": "2023-01-01/2023-02-28",
		"2025-01-01/2025-02-28": "2024-01-01/2024-02-29",
		"2024-01-01/2024-02-28": "2023-01-01/2023-02-28",
		"2024-02-29/2024-03-31": "2023-02-28/2023-03-31",
	} {
		if got := period(t, text).YearEarlier(); got != period(t, want) {
			t.Errorf("a year before %s: %s, want %s", text, iso(got), want)
		}
	}
}

func TestDaysAndContains(t *testing.T) {
	year := FinancialYear(2023)
	if got := year.Days(); got != 366 {
		t.Errorf("2023/24 has %d days", got)
	}
	if got := Month(2024, time.October).Days(); got != 31 {
		t.Errorf("October has %d days though the clocks change", got)
	}
	for quarter := 1; quarter <= 4; quarter++ {
		if !year.Contains(Quarter(2023, quarter)) || Quarter(2023, quarter).Contains(year) {
			t.Errorf("quarter %d and its year", quarter)
		}
	}
	if year.Contains(Quarter(2024, 1)) || year.Contains(period(t, "2024-03-31/2024-04-01")) {
		t.Error("a year contains a day of the next")
	}
	var days int
	for month := time.January; month <= time.December; month++ {
		days += Month(2100, month).Days()
	}
	if days != 365 {
		t.Errorf("the months of 2100 have %d days", days)
	}
}

// FuzzParsePeriod writes each period that is read in the four forms and reads
// it again; a year earlier must be a period too, of the same kind.
func FuzzParsePeriod(f *testing.F) {
	for _, text := range []string{"2024-03", "2024/25 Q1", "2024/25", "2024-01-01/2024-09-27", "2024-02-29/2024-02-29", "1999/00 Q4", "2100-01-01/2100-12-31"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePeriod(text)
		if err != nil {
			if !strings.Contains(err.Error(), fmt.Sprintf("%q", text)) {
				t.Errorf("the error %v does not quote %q", err, text)
			}
			return
		}
		if p.End.Before(p.Start) || p.Days() < 1 || p.Label() == "" || !p.Contains(p) {
			t.Errorf("%q is read as %v, %d days, %q", text, p, p.Days(), p.Label())
		}
		again, err := ParsePeriod(iso(p))
		if err != nil || again != p {
			t.Errorf("%q written as %s is read as %v, %v", text, iso(p), again, err)
		}
		if p.Kind() == KindQuarter {
			if labelled, err := ParsePeriod(p.Label()); err != nil || labelled != p {
				t.Errorf("the label %q is read as %v, %v, want %v", p.Label(), labelled, err, p)
			}
		}
		if earlier := p.YearEarlier(); earlier.End.Before(earlier.Start) || p.Kind() != KindRange && earlier.Kind() != p.Kind() {
			t.Errorf("a year before %s (%s): %s (%s)", iso(p), p.Kind(), iso(earlier), earlier.Kind())
		}
	})
}

func TestComparePeriods(t *testing.T) {
	order := []string{"2023/24", "2024-01", "2024-01-01/2024-09-27", "2024-02"}
	for i, a := range order {
		for j, b := range order {
			got, want := ComparePeriods(period(t, a), period(t, b)), 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s against %s (-want +got):\n%s", a, b, diff)
			}
		}
	}
}

func period(t testing.TB, text string) Period {
	t.Helper()
	p, err := ParsePeriod(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func iso(p Period) string {
	return p.Start.Format(time.DateOnly) + "/" + p.End.Format(time.DateOnly)
}

func TestPeriodTextIsRead(t *testing.T) {
	for want, p := range map[string]Period{
		"2024-03": Month(2024, time.March), "2017/18 Q4": Quarter(2017, 4), "2021/22": FinancialYear(2021), "1999/00": FinancialYear(1999),
		"2024-01-01/2024-12-31": {Day(2024, 1, 1), Day(2024, 12, 31)}, "2023-10-01/2024-09-30": {Day(2023, 10, 1), Day(2024, 9, 30)},
		"2024-09-27/2024-09-27": {Day(2024, 9, 27), Day(2024, 9, 27)},
	} {
		read, err := ParsePeriod(p.Text())
		if p.Text() != want || err != nil || read != p {
			t.Errorf("%s is written %q and read as %v, %v", want, p.Text(), read, err)
		}
	}
}

func TestInWords(t *testing.T) {
	for want, p := range map[string]Period{
		"September 2024":                     Month(2024, time.September),
		"2017/18 Q4 (January to March 2018)": Quarter(2017, 4),
		"the year to March 2022":             FinancialYear(2021),
		"the year to December 2022":          {Day(2022, time.January, 1), Day(2022, time.December, 31)},
		"the year to June 2022":              {Day(2021, time.July, 1), Day(2022, time.June, 30)},
		"1 Jan to 27 Sep 2024":               {Day(2024, time.January, 1), Day(2024, time.September, 27)},
	} {
		if got := p.InWords(); got != want {
			t.Errorf("InWords() = %q, want %q", got, want)
		}
	}
}
