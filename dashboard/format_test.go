package dashboard

import (
	"encoding/csv"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

func TestNumberText(t *testing.T) {
	tests := []struct {
		number   float64
		decimals int
		want     string
	}{
		{0, 0, "0"}, {7, 0, "7"}, {999, 0, "999"}, {1000, 0, "1,000"}, {159377, 0, "159,377"},
		{1234567, 0, "1,234,567"}, {5.949, 1, "5.9"}, {1234.56, 1, "1,234.6"}, {-1234, 0, "−1,234"}, {99.96, 1, "100.0"},
	}
	for _, test := range tests {
		if got := numberText(test.number, test.decimals); got != test.want {
			t.Errorf("numberText(%v, %d) = %q, want %q", test.number, test.decimals, got, test.want)
		}
	}
}

func TestWithUnit(t *testing.T) {
	percent := stats.Measure{Unit: "percent", Numerator: "a"}
	per := stats.Measure{Unit: "per 1,000 offences", Numerator: "a"}
	tests := []struct {
		value   stats.Value
		measure stats.Measure
		want    string
	}{
		{stats.Number(1234), stats.Measure{Name: "Recorded stalking offences", Unit: "offences"}, "1,234"},
		{stats.Number(12), stats.Measure{Name: "Victims of stalking", Unit: "people"}, "12 people"},
		{stats.Number(1), stats.Measure{Name: "Victims of stalking", Unit: "people"}, "1 person"},
		{stats.Number(1), stats.Measure{Name: "Arrest for breach of an order", Unit: "arrests"}, "1"},
		{stats.Number(5.99), percent, "6.0%"},
		{stats.Number(8.621), per, "8.62 per 1,000 offences"},
		{stats.Missing(stats.Confidential), percent, "confidential"},
		{stats.Missing(stats.NotApplicable), per, "not applicable"},
	}
	for _, test := range tests {
		decimals := decimalsFor(test.measure, []stats.Figure{{Value: test.value}})
		if got := withUnit(test.value, test.measure, decimals); got != test.want {
			t.Errorf("withUnit(%v, %q) = %q, want %q", test.value, test.measure.Unit, got, test.want)
		}
	}
}

func TestSubjectOf(t *testing.T) {
	for name, want := range map[string]string{"Stalking charges": "stalking charges", "Staff trained, of those in roles that must be": "staff trained, of those in roles that must be,"} {
		if got := subjectOf(stats.Measure{Name: name}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestNounOf(t *testing.T) {
	for name, want := range map[string]string{
		"Stalking charges":                   "stalking charges",
		"Stalking Protection Orders granted": "Stalking Protection Orders granted",
		"SPOs applied for":                   "SPOs applied for",
		"Arrests":                            "arrests",
		"":                                   "fallback",
	} {
		if got := nounOf(stats.Measure{ID: "fallback", Name: name}); got != want {
			t.Errorf("nounOf(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestPeriodsInSentences(t *testing.T) {
	days := func(from, to time.Time) stats.Period { return stats.Period{Start: from, End: to} }
	tests := []struct {
		period stats.Period
		want   string
	}{
		{stats.Month(2024, time.September), "in September 2024"},
		{stats.Quarter(2017, 4), "in 2017/18 Q4 (January to March 2018)"},
		{stats.FinancialYear(2021), "in the year to March 2022"},
		{days(stats.Day(2024, 1, 1), stats.Day(2024, 9, 27)), "from 1 January to 27 September 2024"},
		{days(stats.Day(2024, 9, 1), stats.Day(2024, 9, 27)), "from 1 to 27 September 2024"},
		{days(stats.Day(2023, 12, 30), stats.Day(2024, 1, 2)), "from 30 December 2023 to 2 January 2024"},
		{days(stats.Day(2024, 9, 27), stats.Day(2024, 9, 27)), "on 27 September 2024"},
	}
	for _, test := range tests {
		if got := within(test.period); got != test.want {
			t.Errorf("within(%s) = %q, want %q", test.period.Label(), got, test.want)
		}
	}
}

func TestMomentIsLondonTime(t *testing.T) {
	summer := time.Date(2024, time.July, 1, 23, 30, 0, 0, time.UTC)
	if got, want := moment(summer), "2 July 2024, 00:30 BST"; got != want {
		t.Errorf("moment = %q, want %q", got, want)
	}
}

func TestListed(t *testing.T) {
	for want, words := range map[string][]string{"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b and c": {"a", "b", "c"}} {
		if got := listed(words); got != want {
			t.Errorf("listed(%q) = %q, want %q", words, got, want)
		}
	}
}

// referenceMeasures is the measures as the program brings them: a header and their rows.
func referenceMeasures(t *testing.T) [][]string {
	t.Helper()
	file, err := os.Open("../schemas/reference/measures.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestVerbOf: of every measure that there is, those that are one thing.
func TestVerbOf(t *testing.T) {
	rows := referenceMeasures(t)
	name, unit := slices.Index(rows[0], "name"), slices.Index(rows[0], "unit")
	var one []string
	for _, row := range rows[1:] {
		if verbOf(stats.Measure{Name: row[name], Unit: row[unit]}) == "is" {
			one = append(one, row[name])
		}
	}
	want := []string{
		"Charge rate (of all outcomes)", "Charge rate (of recorded offences)",
		"No suspect, and victim does not support action (outcome 14, of all outcomes)",
		"Evidential difficulties, victim supports action (outcome 15, of all outcomes)",
		"Victim does not support action (outcome 16, of all outcomes)", "No suspect identified (outcome 18, of all outcomes)",
		"Median days from recording to charge of a stalking offence", "Median days from application to grant of a Stalking Protection Order",
		"All stalking, as the main crime or included in another",
		"Stalking held as an included classification", "Stalking held as an included classification, of all stalking",
		"Recording audit: recorded right", "Median days from referral to first contact",
		"Stalking with the online flag, of recorded stalking", "Action plan published", "Population", "Recorded stalking per 1,000 people",
	}
	if diff := cmp.Diff(want, one); diff != "" {
		t.Errorf("measures of which a figure “is” (-want +got):\n%s", diff)
	}
	if got := figureSentence(stats.Series{Measure: stats.Measure{Name: "Median days to grant", Unit: "days"}}, count("d", bedfordshire.Code, "s", stats.Month(2024, 3), 25, 2)); got != "median days to grant in March 2024 is 25" {
		t.Errorf("sentence %q", got)
	}
	arrests := stats.Measure{Name: "Arrests per 100 stalking offences", Unit: "per 100 offences", Numerator: "a", Denominator: "b", Per: 100}
	if got := figureSentence(stats.Series{Measure: arrests}, count("d", bedfordshire.Code, "s", stats.Month(2024, 3), 21.6, 2)); got != "arrests per 100 stalking offences in March 2024 are 21.6 per 100 offences" {
		t.Errorf("sentence %q", got)
	}
}
