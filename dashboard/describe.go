package dashboard

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/report"
	"stalkstats/internal/stats"
)

const (
	observationsTitle = "Stalking figures by police force area"
	observationsSays  = "Figures on stalking by police force area. Where value is empty, value_note says why. Rates show numerator, denominator and basis. " +
		"Figures of different sources, bases or kinds of period do not compare. A text that a spreadsheet could take for a formula has an apostrophe before it."
)

// describe is what is told beside the figures of a report, in each of its files: the
// releases are those that its figures are of, and it changes when they do.
func (s *site) describe(ctx context.Context, in asked) (d report.Description, err error) {
	behind, err := in.reader.Behind(ctx, in.Filter)
	if err != nil {
		return d, err
	}
	d = report.Description{URL: "observations.csv", Title: observationsTitle, Describe: observationsSays, Filters: in.filters(),
		Audience: audienceWords(s.rules, in.audience), AsAt: in.asAtWords(), Publisher: s.publisher(in.areas), Contact: s.contact}
	for _, release := range in.served {
		if behind[release.ID] {
			d.Releases = append(d.Releases, release.Release)
			if release.PublishedAt.After(d.Modified) {
				d.Modified = release.PublishedAt
			}
		}
	}
	return d, nil
}

// publisher is the home force by name; empty where it is not known.
func (s *site) publisher(areas *stats.Areas) string {
	if home := s.homeArea(areas); home.Name != s.home {
		return "the police force of " + home.Name
	}
	return ""
}

// filters is what was given, without what a form sends for "all".
func (in asked) filters() url.Values {
	filters := url.Values{}
	for name, values := range in.values {
		if values = given(values); len(values) > 0 {
			filters[name] = values
		}
	}
	return filters
}

// asAtWords is the time whose figures a report has.
func (in asked) asAtWords() string {
	if in.AsAt.IsZero() {
		return "as they were served when this was made"
	}
	return servedAtWords(in.AsAt)
}

func servedAtWords(at time.Time) string { return "as they were served at " + at.Format(time.RFC3339) }

// audienceWords says whom figures are for, and what is done to them.
func audienceWords(rules disclosure.Rules, audience string) string {
	audience = cmp.Or(audience, Internal)
	return strings.TrimSuffix(capitalised(audience)+": "+ruleWords(rules, audience), ": ")
}

// ruleWords says what an audience is shown; empty where nothing is hidden.
func ruleWords(rules disclosure.Rules, audience string) string {
	if audience != Published {
		return "true figures"
	}
	words := []string{}
	if rules.Threshold > 1 {
		words = append(words, fmt.Sprintf("numbers under %d hidden", rules.Threshold))
	}
	if rules.Rounding > 1 {
		words = append(words, fmt.Sprintf("others rounded to %d", rules.Rounding))
	}
	return strings.Join(words, ", ")
}

// definitions is the measures of a report, in the order of their file.
func (in asked) definitions() []stats.Measure {
	return slices.DeleteFunc(slices.Clone(in.measures.All()), func(m stats.Measure) bool {
		return len(in.Measures) > 0 && !slices.Contains(in.Measures, m.ID)
	})
}
