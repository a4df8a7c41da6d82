package dashboard

import (
	"net/url"
	"strings"
	"testing"
)

func TestDaysOutsideTheYears(t *testing.T) {
	for text, says := range map[string]string{
		"1900-01-01": "is outside the years 1970 to 2149",
		"2150-01-01": "is outside the years 1970 to 2149",
		"1 May 2024": "is not a date; write it as 2024-09-27",
	} {
		for _, name := range []string{"from", "to"} {
			_, err := ParseReport(url.Values{name: {text}}, testAreas(), testMeasures())
			if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), name) {
				t.Errorf("%s=%s: %v, want an error that says %q", name, text, err, says)
			}
		}
		if _, err := ParseReport(url.Values{"as_at": {text}}, testAreas(), testMeasures()); err == nil || !strings.Contains(err.Error(), "of the years 1970 to 2149") {
			t.Errorf("as_at=%s: %v", text, err)
		}
	}
	if _, err := ParseReport(url.Values{"from": {"1970-01-01"}, "to": {"2149-06-06"}}, testAreas(), testMeasures()); err != nil {
		t.Error(err)
	}
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
