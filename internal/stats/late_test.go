package stats

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestLate: a file that was read today is late all the same where its figures
// end too early, and figures that are new enough where the file is too old.
func TestLate(t *testing.T) {
	const day = 24 * time.Hour
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	ends := Day(2024, time.September, 27)
	for name, tt := range map[string]struct {
		limit           FreshLimit
		fetched, covers time.Time
		want            Lateness
	}{
		"no limit":                   {FreshLimit{}, now.Add(-4000 * day), ends, Lateness{}},
		"read in time":               {FreshLimit{Fetched: 40 * day}, now.Add(-40 * day), ends, Lateness{}},
		"read too long ago":          {FreshLimit{Fetched: 40 * day}, now.Add(-43 * day), ends, Lateness{now.Add(-3 * day), 3 * day, false}},
		"read today, figures of old": {FreshLimit{Fetched: 40 * day, Covers: 60 * day}, now, ends, Lateness{Day(2024, time.November, 27), 728*day + 9*time.Hour, true}},
		"no limit of reading":        {FreshLimit{Covers: 60 * day}, now.Add(-4000 * day), Day(2026, time.September, 30), Lateness{}},
		// Figures to 30 September cover until 1 October, 00:00.
		"to the end of a day":                   {FreshLimit{Covers: 55*day + 9*time.Hour}, now, Day(2026, time.September, 30), Lateness{}},
		"a moment past it":                      {FreshLimit{Covers: 55*day + 9*time.Hour - 1}, now, Day(2026, time.September, 30), Lateness{now.Add(-1), 1, true}},
		"both, the file for longer":             {FreshLimit{Fetched: day, Covers: 60 * day}, now.Add(-9000 * day), ends, Lateness{now.Add(-8999 * day), 8999 * day, false}},
		"both, the figures for longer":          {FreshLimit{Fetched: day, Covers: 60 * day}, now.Add(-9 * day), ends, Lateness{Day(2024, time.November, 27), 728*day + 9*time.Hour, true}},
		"a file without a figure":               {FreshLimit{Covers: 60 * day}, now.Add(-61 * day), time.Time{}, Lateness{now.Add(-day), day, true}},
		"a file without a figure, of yesterday": {FreshLimit{Covers: 60 * day}, now.Add(-day), time.Time{}, Lateness{}},
	} {
		got, late := tt.limit.Late(tt.fetched, tt.covers, now)
		if !late {
			got = Lateness{}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || late != (tt.want.By > 0) {
			t.Errorf("%s: late %v (-want +got):\n%s", name, late, diff)
		}
	}
}
