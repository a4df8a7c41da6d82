package stats

import (
	"testing"
	"time"
)

// TestCompletedOn: a later word that it is still complete changes nothing, and
// one that it is not after all starts anew.
func TestCompletedOn(t *testing.T) {
	said := func(status Status, month time.Month, d int) Progress {
		return Progress{Status: status, AsAt: Day(2025, month, d)}
	}
	back := func(p Progress) Progress {
		p.TakenBack.At = Day(2025, time.December, 1)
		return p
	}
	january, march := said(Complete, time.January, 31), said(Complete, time.March, 31)
	for name, tt := range map[string]struct {
		history []Progress
		want    time.Time
	}{
		"nothing was said":                 {nil, time.Time{}},
		"not complete":                     {[]Progress{said(InProgress, time.January, 1)}, time.Time{}},
		"complete":                         {[]Progress{said(InProgress, time.January, 1), january}, january.AsAt},
		"still complete":                   {[]Progress{january, march}, january.AsAt},
		"not complete after all":           {[]Progress{january, said(InProgress, time.February, 1)}, time.Time{}},
		"complete again":                   {[]Progress{january, said(InProgress, time.February, 1), march}, march.AsAt},
		"the first was taken back":         {[]Progress{back(january), march}, march.AsAt},
		"what was between, was taken back": {[]Progress{january, back(said(NotStarted, time.February, 1)), march}, january.AsAt},
		"all was taken back":               {[]Progress{back(january)}, time.Time{}},
	} {
		if got := CompletedOn(tt.history); !got.Equal(tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestDaysLate(t *testing.T) {
	chiefs := Recommendation{Addressee: "Chief Constables", Deadline: Day(2024, time.November, 22)}
	others := chiefs
	others.Addressee = "Home Office"
	for _, tt := range []struct {
		r         Recommendation
		completed time.Time
		want      int
	}{
		{chiefs, Day(2025, time.January, 31), 70},
		{chiefs, Day(2024, time.November, 23), 1},
		{chiefs, Day(2024, time.November, 22), 0},
		{chiefs, Day(2024, time.October, 1), 0},
		{chiefs, time.Time{}, 0},
		{others, Day(2025, time.January, 31), 0},
		{Recommendation{Addressee: "chief constables"}, Day(2025, time.January, 31), 0},
	} {
		if got := tt.r.DaysLate(tt.completed); got != tt.want {
			t.Errorf("%s, complete on %v: %d days late, want %d", tt.r.Addressee, tt.completed, got, tt.want)
		}
	}
}
