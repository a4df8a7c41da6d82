package dashboard

import (
	"slices"
	"strings"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// configured is the configuration of testSources, and of one that never ran.
func configured() []Source {
	return []Source{
		{Name: "series_breaks", Title: "series breaks", From: "builtin:series_breaks.csv"},
		{Name: "force_return", Title: "the force’s monthly return", From: "/srv/inbox/*.csv", Schedule: "0 6 * * *", Limit: stats.FreshLimit{Fetched: 40 * 24 * time.Hour},
			Next: func(now time.Time) time.Time { return now.Add(24 * time.Hour) }},
		{Name: "home_office_recorded_crime", Title: "Home Office recorded crime"},
		{Name: "orders", Title: "orders", Schedule: "0 6 * * *", Next: func(now time.Time) time.Time { return now.Add(time.Hour) }},
	}
}

func TestBuildData(t *testing.T) {
	page := buildData(together(configured(), testSources(), nil), []stats.Run{testSources()[1].LastRun}, titlesOf(configured()), testNow)
	if want := "2 sources need attention: Home Office recorded crime (refused) and orders (never loaded)"; page.Title != want {
		t.Errorf("Title = %q, want %q", page.Title, want)
	}
	var names []string
	for _, row := range page.Sources {
		names = append(names, row.Name)
	}
	if want := []string{"home_office_recorded_crime", "orders", "series_breaks", "force_return"}; !slices.Equal(names, want) {
		t.Errorf("order = %q, want %q", names, want)
	}
	bad, never, resting, good := page.Sources[0], page.Sources[1], page.Sources[2], page.Sources[3]
	if good.Last.Read != "1,300" || good.Last.Exclusions[0] != "100: other offences" || !good.Last.Good || len(good.Served) != 1 ||
		good.Age != "less than a day old; limit 40 days" || good.Next != "15 October 2024, 10:30 BST" || good.Last.Took != "under 1 s" {
		t.Errorf("force_return = %+v, last %+v", good, good.Last)
	}
	if bad.Last.Good || bad.LastSuccess != "" || bad.Concern != "refused" || bad.Age != "never loaded" {
		t.Errorf("home_office_recorded_crime = %+v", bad)
	}
	if never.Last != nil || never.Concern != "never loaded" || resting.Concern != "" || resting.Next != "only when asked" {
		t.Errorf("orders = %+v, series_breaks = %+v", never, resting)
	}
}

// TestAge is of the newest file that serves, however often it was found unchanged.
func TestAge(t *testing.T) {
	const day = 24 * time.Hour
	for _, tt := range []struct {
		want       string
		age, limit time.Duration // age -1: nothing is served
		loaded     bool
	}{
		{"never loaded", -1, 40 * day, false},
		{"nothing is served", -1, 40 * day, true},
		{"less than a day old, no limit set", day - 1, 0, true},
		{"12 days old, no limit set", 12 * day, 0, true},
		{"1 day old; limit 40 days", day, 40 * day, true},
		{"40 days old; limit 40 days", 40 * day, 40 * day, true},
		{"40 days old; limit 40 days: late by less than a day", 40*day + 1, 40 * day, true},
		{"43 days old; limit 40 days: late by 3 days", 43*day + time.Hour, 40 * day, true},
	} {
		known := knownSource{Source: Source{Limit: stats.FreshLimit{Fetched: tt.limit}}}
		if tt.loaded {
			known.LastSuccess = testNow // unchanged, a moment ago
		}
		if tt.age >= 0 {
			known.Served = []stats.Release{{RetrievedAt: testNow.Add(-tt.age)}}
		}
		if got := known.age(testNow); got != tt.want {
			t.Errorf("age %v, limit %v: %q, want %q", tt.age, tt.limit, got, tt.want)
		}
	}
}

// TestAgeOfFigures is of a source whose figures have a limit of their own.
func TestAgeOfFigures(t *testing.T) {
	const day = 24 * time.Hour
	for _, tt := range []struct {
		want   string
		covers time.Time
		limit  stats.FreshLimit
	}{
		{"less than a day old. Figures end on 27 September 2024; limit 60 days", stats.Day(2024, time.September, 27), stats.FreshLimit{Covers: 60 * day}},
		{"Figures end on 11 August 2024; limit 60 days: late by 3 days. The file is less than a day old; limit 40 days", stats.Day(2024, time.August, 11), stats.FreshLimit{Fetched: 40 * day, Covers: 60 * day}},
		{"less than a day old. It has no figure; limit 60 days", time.Time{}, stats.FreshLimit{Covers: 60 * day}},
	} {
		known := knownSource{Source: Source{Limit: tt.limit}, covers: tt.covers,
			Freshness: stats.Freshness{LastSuccess: testNow, Served: []stats.Release{{RetrievedAt: testNow}}}}
		if got := known.age(testNow); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestDataTitle(t *testing.T) {
	const day = 24 * time.Hour
	source := func(name string, outcome stats.Outcome, age time.Duration) knownSource {
		return knownSource{Source: Source{Name: name, Limit: stats.FreshLimit{Fetched: 24 * time.Hour}}, configured: true,
			Freshness: stats.Freshness{Source: name, LastRun: stats.Run{ID: name, Outcome: outcome, Kind: stats.LoadRun}, Tells: true, LastSuccess: testNow,
				Served: []stats.Release{{ID: "old", RetrievedAt: testNow.Add(-age - day)}, {ID: "newest", RetrievedAt: testNow.Add(-age)}}}}
	}
	for want, sources := range map[string][]knownSource{
		"No source has been loaded yet":                                                  nil,
		"The one source that has been loaded needs nobody’s attention":                   {source("a", stats.Published, 0)},
		"None of the 2 sources needs attention":                                          {source("a", stats.Published, 0), source("b", stats.Unchanged, day)},
		"1 source needs attention: a (late by 3 days)":                                   {source("a", stats.Published, 4*day)},
		"1 source needs attention: a (late by 1 day)":                                    {source("a", stats.Unchanged, 3*day-time.Second)},
		"1 source needs attention: a (late by less than a day)":                          {source("a", stats.Published, day+time.Second)},
		"2 sources need attention: a (held) and b (failed)":                              {source("a", stats.Held, 0), source("b", stats.Failed, 9*day)},
		"5 sources need attention: a (held), b (held), c (interrupted) and 2 others":     {source("a", stats.Held, 0), source("b", stats.Held, 0), source("c", stats.Interrupted, 0), source("d", stats.Failed, 0), source("e", stats.Failed, 0)},
		"4 sources need attention: a (held), b (refused), c (late by 1 day) and 1 other": {source("a", stats.Held, 0), source("b", stats.RejectedRun, 0), source("c", stats.Published, 2*day), source("d", stats.Published, 2*day)},
	} {
		if got := dataTitle(sources, nil, testNow); got != want {
			t.Errorf("title = %q, want %q", got, want)
		}
	}
	check := source("a", stats.RejectedRun, 0)
	check.LastRun.Kind, check.Tells = stats.CheckRun, false
	if got := dataTitle([]knownSource{check}, nil, testNow); strings.Contains(got, "attention:") {
		t.Errorf("a dry run that found faults makes the title %q", got)
	}
}
