package dashboard

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
)

func TestDaysOutsideTheYears(t *testing.T) {
	for text, says := range map[string]string{
		"1900-01-01": "is outside the years 1970 to 2149",
		"2150-01-01": "is outside the years 1970 to 2149",
		"1 May 2024": "is not a date; write it as 2024-09-27",
		"2023-02-29": "2023-02-29 is no day",
		"2024-06-31": "2024-06-31 is no day",
	} {
		for _, name := range []string{"from", "to"} {
			_, err := ParseReport(url.Values{name: {text}}, testAreas(), testMeasures(), testNow)
			if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), name) {
				t.Errorf("%s=%s: %v, want an error that says %q", name, text, err, says)
			}
		}
		if _, err := ParseReport(url.Values{"as_at": {text}}, testAreas(), testMeasures(), testNow); err == nil || !strings.Contains(err.Error(), "of the years 1970 to 2149") {
			t.Errorf("as_at=%s: %v", text, err)
		}
	}
	if _, err := ParseReport(url.Values{"from": {"1970-01-01"}, "to": {"2149-06-06"}}, testAreas(), testMeasures(), testNow); err != nil {
		t.Error(err)
	}
}

// TestMomentWithAPlus: a moment with a zone is understood as it was written, also where the
// plus was not escaped in the address, which makes a blank of it.
func TestMomentWithAPlus(t *testing.T) {
	for _, query := range []string{"as_at=2024-09-27T18:00:00%2B01:00", "as_at=2024-09-27T18:00:00+01:00"} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		q, err := ParseReport(values, testAreas(), testMeasures(), testNow)
		if want := time.Date(2024, 9, 27, 17, 0, 0, 0, time.UTC); err != nil || !q.AsAt.Equal(want) {
			t.Errorf("%s: %v, error %v, want %v", query, q.AsAt, err, want)
		}
	}
}

// TestHostileFilters: what no report can be asked for by is refused in one short
// sentence, and in no time.
func TestHostileFilters(t *testing.T) {
	many := func(n int, value func(int) string) (all []string) {
		for i := range n {
			all = append(all, value(i))
		}
		return all
	}
	for name, test := range map[string]struct {
		values url.Values
		says   string
	}{
		"a thousand areas":      {url.Values{"area": many(1000, func(i int) string { return fmt.Sprintf("E%08d", i) })}, "area is given 1000 times, and may be given 200 times"},
		"one area many times":   {url.Values{"area": many(1000, func(int) string { return bedfordshire.Code })}, "area is given 1000 times"},
		"a long value":          {url.Values{"source": {strings.Repeat("x", 100_000)}}, "source is longer than 200 characters"},
		"a long day":            {url.Values{"from": {strings.Repeat("2", 5000)}}, "from is longer than 200 characters"},
		"two days":              {url.Values{"to": {"2024-01-01", "2024-01-02"}}, "to is given 2 times, and can be one thing only"},
		"two breakdowns":        {url.Values{"breakdown": {"totals", "sex"}}, "breakdown is given 2 times"},
		"a filter nobody knows": {url.Values{"measures": {"x"}}, `there is no filter "measures"`},
		"control characters":    {url.Values{"area": {"E2300\x0000\x1b[31m"}}, `there is no area "E2300\x0000\x1b[31m"`},
		"writing turned round":  {url.Values{"measure": {"\u202egnikl"}}, `there is no measure "\u202egnikl"`},
		"no UTF-8":              {url.Values{"area": {"\xff\xfe"}}, `there is no area "�"`},
		"days the wrong way":    {url.Values{"from": {"2024-02-01"}, "to": {"2024-01-01"}}, "is before from"},
		"no area":               {url.Values{"area": {""}}, "area is empty: leave it out for all"},
		"one area empty":        {url.Values{"area": {bedfordshire.Code, " "}}, "area is empty: leave it out for all"},
		"no measure":            {url.Values{"measure": {""}}, "measure is empty: leave it out for all"},
		"no source":             {url.Values{"source": {""}}, "source is empty: leave it out for all"},
		"no breakdown":          {url.Values{"breakdown": {""}}, "breakdown is empty: leave it out for all"},
		"no day":                {url.Values{"from": {""}}, "from is empty: leave it out for every day"},
		"no last day":           {url.Values{"to": {"\t"}}, "to is empty: leave it out for every day"},
		"no moment":             {url.Values{"as_at": {""}}, "as_at is empty: leave it out for the figures as they are now"},
		"no period":             {url.Values{"period": {""}}, "period is empty: leave it out for periods as published"},
		"no audience":           {url.Values{"audience": {""}}, "audience is empty: leave it out for what the site shows"},
		"a period":              {url.Values{"period": {"week"}}, `there is no period "week"`},
	} {
		_, err := ParseReport(test.values, testAreas(), testMeasures(), testNow)
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want %q", name, err, test.says)
		}
	}
}

func TestReportValues(t *testing.T) {
	for query, status := range map[string]int{
		"area=" + strings.Repeat("E23000026&area=", 2500): http.StatusRequestURITooLong,
		strings.Repeat("x", 100_000):                      http.StatusRequestURITooLong,
		"area=%zz":                                        http.StatusBadRequest,
		"area=a;from=b":                                   http.StatusBadRequest,
	} {
		var p problem
		if _, err := reportValues(query); !errors.As(err, &p) || p.status != status {
			t.Errorf("%.20s: %v, want status %d", query, err, status)
		}
	}
	if values, err := reportValues("area=a&area=b"); err != nil || len(values["area"]) != 2 {
		t.Errorf("%v, %v", values, err)
	}
}

func TestBreakdownFilter(t *testing.T) {
	for text, want := range map[string]ReportRequest{"all": {}, "totals": {}, "sex": {}} {
		switch text {
		case "totals":
			want.Totals = true
		case "sex":
			want.Breakdown = "sex"
		}
		got, err := ParseReport(url.Values{"breakdown": {text}}, testAreas(), testMeasures(), testNow)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("breakdown=%s: %v (-want +got):\n%s", text, err, diff)
		}
	}
}

// FuzzParseReport: whatever an address holds, a report is asked for by nothing
// that is not there, or the answer is a short sentence that can be shown.
func FuzzParseReport(f *testing.F) {
	for _, query := range []string{"", "measure=stalking_charges&area=E23000026&from=2024-01-01&to=2024-12-31", "as_at=2024-09-27T17:00:00Z&period=quarter&breakdown=totals",
		"area=%00&area=%e2%80%ae", "from=2024-02-30", "as_at=0000-00-00", "breakdown=sex&audience=published&source=a", "measure=a;b", "to=9999-12-31&to=1"} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, err := reportValues(query)
		if err != nil {
			return
		}
		got, err := ParseReport(values, testAreas(), testMeasures(), testNow)
		if err != nil {
			if says := err.Error(); len(says) > 400 || !utf8.ValidString(says) || strings.ContainsFunc(says, unicode.IsControl) {
				t.Errorf("%q: %q", query, says)
			}
			return
		}
		for _, code := range got.Areas {
			if _, ok := testAreas().ByCode(code); !ok {
				t.Errorf("%q: area %q", query, code)
			}
		}
		for _, id := range got.Measures {
			if len(testMeasures().ByID(id)) == 0 {
				t.Errorf("%q: measure %q", query, id)
			}
		}
		if !got.From.IsZero() && !got.To.IsZero() && got.To.Before(got.From) || got.Totals && got.Breakdown != "" || len(slices.Compact(slices.Sorted(slices.Values(got.Areas)))) != len(got.Areas) {
			t.Errorf("%q: %+v", query, got)
		}
		again, err := ParseReport(values, testAreas(), testMeasures(), testNow)
		if diff := cmp.Diff(got, again); diff != "" || err != nil {
			t.Errorf("%q asks for something else the second time: %v\n%s", query, err, diff)
		}
	})
}

func TestMetadataAddress(t *testing.T) {
	for want, filters := range map[string]url.Values{
		"/reports/observations.csv-metadata.json":                nil,
		"/reports/observations.csv-metadata.json?area=E23000026": {"area": {"E23000026"}},
	} {
		if got := metadataAddress(filters); got != want {
			t.Errorf("metadataAddress(%v) = %q, want %q", filters, got, want)
		}
	}
}

// TestAsAt: the end of a day that is over, now where the day is today, and no time
// to come, whose figures nobody can have.
func TestAsAt(t *testing.T) {
	now := time.Date(2024, 7, 14, 22, 30, 0, 0, time.UTC) // 23:30 in London
	for text, want := range map[string]time.Time{
		"":                     query.Latest,
		"2024-07-14":           query.Latest,
		"2024-07-13":           time.Date(2024, 7, 13, 22, 59, 59, 999_999_000, time.UTC),
		"2024-01-13":           time.Date(2024, 1, 13, 23, 59, 59, 999_999_000, time.UTC),
		"2024-07-14T22:30:00Z": now,
	} {
		if got, err := parseAsAt(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"2024-07-15", "2024-07-14T22:30:01Z", "2100-01-01", "2149-12-31"} {
		if _, err := parseAsAt(text, now); err == nil || !strings.Contains(err.Error(), "is still to come: leave it out") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
