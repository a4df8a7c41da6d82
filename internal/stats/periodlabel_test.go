package stats

import "testing"

func TestParseLabel(t *testing.T) {
	for _, p := range []Period{
		Month(2024, 9), Month(2024, 2), Quarter(2017, 1), Quarter(2017, 4), FinancialYear(2021), FinancialYear(1999),
		{Day(2024, 1, 1), Day(2024, 12, 31)}, {Day(2023, 3, 1), Day(2024, 2, 29)}, {Day(2024, 1, 1), Day(2024, 9, 27)},
		{Day(2020, 1, 20), Day(2021, 4, 30)}, {Day(2024, 9, 28), Day(2024, 9, 30)}, {Day(2024, 9, 27), Day(2024, 9, 27)}, {Day(2024, 2, 1), Day(2024, 4, 30)},
	} {
		if got, ok := ParseLabel(p.Label()); !ok || got != p {
			t.Errorf("ParseLabel(%q) = %v, %v, want %v", p.Label(), got, ok, p)
		}
		if got, err := ParsePeriod(p.Range()); err != nil || got != p {
			t.Errorf("ParsePeriod(%q) = %v, %v, want %v", p.Range(), got, err, p)
		}
	}
	for _, text := range []string{"", "2024", "2024-03", "Sept 2024", "sep 2024", "year to 2024", "31 Feb 2024", "30 to 3 Sep 2024", "1 Jan 2024 to 27 Sep 2024", "1 to 30 Sep 2024", "year to Mar 0204", "2017/18", "Sep 2024 ", "27 Sep 2024\n"} {
		if got, ok := ParseLabel(text); ok {
			t.Errorf("ParseLabel(%q) = %v, which is no label", text, got)
		}
	}
}
