package dashboard

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// asPublished asks for the periods as the sources have them.
const asPublished = "as_published"

// reportPeriods are the kinds of period that a report can be asked for.
var reportPeriods = map[string]stats.PeriodKind{
	asPublished:         "",
	"month":             stats.KindMonth,
	"quarter":           stats.KindQuarter,
	"financial_year":    stats.KindFinancialYear,
	"calendar_year":     stats.KindCalendarYear,
	"rolling_12_months": stats.KindTwelveMonths,
}

// reportFilters are the names of what a report can be asked for by.
var reportFilters = []string{"measure", "area", "source", "from", "to", "as_at", "period", "breakdown", "audience"}

// severalFilters are those of them that may stand several times.
var severalFilters = []string{"measure", "area", "source"}

// What breakdown may be beside the name of one.
const (
	allBreakdowns = "all"
	totalsAlone   = "totals"
)

const (
	longestQuery = 24 << 10 // bytes of an address: every area and every measure together take 3 kB
	mostValues   = 200      // of one filter
	longestValue = 200      // bytes
)

// reportValues reads the filters of an address. What cannot be read or is longer
// than any report needs is refused before anything is looked up.
func reportValues(rawQuery string) (url.Values, error) {
	if len(rawQuery) > longestQuery {
		return nil, problem{status: http.StatusRequestURITooLong, sentence: fmt.Sprintf("The address is longer than %d characters. A filter that is left out means all.", longestQuery)}
	}
	values, err := url.ParseQuery(rawQuery)
	if err != nil {
		return nil, badRequest("The part of the address after the question mark cannot be read.")
	}
	return values, nil
}

// The audiences. Internal sees true figures; to the published one small numbers
// are hidden and the others rounded.
const (
	Internal  = "internal"
	Published = "published"
)

// A ReportRequest is what a report of figures was asked for.
type ReportRequest struct {
	query.Filter
	// Period is the kind of period to add up to; empty: as published.
	Period stats.PeriodKind
}

// ParseReport reads the filters of a report: measure, area and source (each
// may come several times), from, to, as_at, period and breakdown: totals, all or
// the name of one, which is with the totals. What is not known is an
// error that says so in one sentence; nothing is ignored, because a filter
// that does nothing gives a report that is not what it says. An as_at that is
// only a day means the end of that day in London, whose days the figures have;
// today it means now, and what is to come is refused.
// Whether figures have the sources and the breakdown, the caller must look up.
func ParseReport(v url.Values, areas *stats.Areas, measures *stats.Measures, now time.Time) (ReportRequest, error) {
	var q ReportRequest
	if err := checkFilters(v); err != nil {
		return q, err
	}
	switch breakdown := strings.TrimSpace(v.Get("breakdown")); breakdown {
	case "", allBreakdowns:
	case totalsAlone:
		q.Totals = true
	default:
		q.Breakdown = breakdown
	}
	q.Measures, q.Areas, q.Sources = given(v["measure"]), given(v["area"]), given(v["source"])
	for _, id := range q.Measures {
		if len(measures.ByID(id)) == 0 {
			return q, fmt.Errorf("there is no measure %q: the page of measures lists them", echoed(id))
		}
	}
	for _, code := range q.Areas {
		if _, ok := areas.ByCode(code); !ok {
			return q, fmt.Errorf("there is no area %q: use an ONS code, such as E23000026", echoed(code))
		}
	}
	var err error
	if q.From, err = parseDay("from", v.Get("from")); err != nil {
		return q, err
	}
	if q.To, err = parseDay("to", v.Get("to")); err != nil {
		return q, err
	}
	if !q.From.IsZero() && !q.To.IsZero() && q.To.Before(q.From) {
		return q, fmt.Errorf("to (%s) is before from (%s)", v.Get("to"), v.Get("from"))
	}
	if q.AsAt, err = parseAsAt(v.Get("as_at"), now); err != nil {
		return q, err
	}
	kind, ok := reportPeriods[v.Get("period")]
	if !ok && v.Get("period") != "" {
		return q, fmt.Errorf("there is no period %q: there are as_published, month, quarter, financial_year, calendar_year and rolling_12_months", echoed(v.Get("period")))
	}
	q.Period = kind
	return q, nil
}

// checkFilters refuses what no report can be asked for by, whatever is loaded.
func checkFilters(v url.Values) error {
	for _, key := range slices.Sorted(maps.Keys(v)) {
		switch values := v[key]; {
		case !slices.Contains(reportFilters, key):
			return fmt.Errorf("there is no filter %q: there are measure, area, source, from, to, as_at, period, breakdown and audience", echoed(key))
		case len(values) > 1 && !slices.Contains(severalFilters, key):
			return fmt.Errorf("%s is given %d times, and can be one thing only", key, len(values))
		case len(values) > mostValues:
			return fmt.Errorf("%s is given %d times, and may be given %d times: leave it out for all", key, len(values), mostValues)
		case slices.ContainsFunc(values, func(value string) bool { return len(value) > longestValue }):
			return fmt.Errorf("%s is longer than %d characters", key, longestValue)
		case slices.ContainsFunc(values, isBlank):
			return emptyFilter(key)
		}
	}
	return nil
}

func isBlank(text string) bool { return strings.TrimSpace(text) == "" }

// leftOut is what a filter that is not there means.
var leftOut = map[string]string{
	"measure": "all", "area": "all", "source": "all", "breakdown": "all", "user": "all",
	"from": "every day", "to": "every day", "since": "every day", "day": "every day",
	"as_at": "the figures as they are now", "period": "periods as published", "audience": "what the site shows",
	"history": "what each force says now", "limit": "the usual number", "after": "the first page",
}

// emptyFilter refuses a filter that is there and empty, as from a variable of a script
// that is not set: it would ask for everything, and nobody would have said so.
func emptyFilter(name string) error {
	if means := leftOut[name]; means != "" {
		return fmt.Errorf("%s is empty: leave it out for %s", name, means)
	}
	return emptyValue(name)
}

// emptyValue refuses what is empty where it is not said what leaving it out means.
func emptyValue(name string) error {
	return fmt.Errorf("%s is empty: give it a value, or leave it out", name)
}

// given leaves out empty values and those that come again.
func given(values []string) []string {
	var all []string
	for _, value := range values {
		if value = strings.TrimSpace(value); value != "" && !slices.Contains(all, value) {
			all = append(all, value)
		}
	}
	return all
}

func parseDay(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err == nil && (day.Year() < 1970 || day.Year() > 2149) {
		return time.Time{}, fmt.Errorf("%s: %q is outside the years 1970 to 2149", name, echoed(text))
	}
	if err != nil && dayForm.MatchString(text) {
		return time.Time{}, fmt.Errorf("%s: %s is no day", name, text)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %q is not a date; write it as 2024-09-27", name, echoed(text))
	}
	return day, nil
}

var dayForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

func parseAsAt(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return query.Latest, nil
	}
	toCome := fmt.Errorf("as_at: %q is still to come: leave it out for the figures as they are now", echoed(text))
	zone := strings.ReplaceAll(text, " ", "+") // a plus that an address was written with is a blank in it
	if at, err := time.Parse(time.RFC3339, zone); err == nil && at.Year() >= 1970 && at.Year() < 2200 {
		if at.After(now) {
			return time.Time{}, toCome
		}
		return at.UTC(), nil
	}
	day, err := parseDay("as_at", text)
	if err != nil {
		return time.Time{}, fmt.Errorf("as_at: %q is not a moment of the years 1970 to 2149; write it as 2024-09-27 or 2024-09-27T17:00:00Z", echoed(text))
	}
	switch day.Compare(today(now)) {
	case 0:
		return query.Latest, nil
	case 1:
		return time.Time{}, toCome
	}
	return time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, london()).Add(-time.Microsecond).UTC(), nil
}

// IsBadRequest reports whether an error is the asker's: a filter that is not
// known or cannot be.
func IsBadRequest(err error) bool {
	var p problem
	return errors.As(err, &p) && p.status == http.StatusBadRequest
}
