package dashboard

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

// TestHowBackupsStand: what somebody must look at is said first.
func TestHowBackupsStand(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	nightly := Backups{Next: func(at time.Time) time.Time {
		next := time.Date(at.Year(), at.Month(), at.Day(), 2, 0, 0, 0, time.UTC)
		if !next.After(at) {
			next = next.AddDate(0, 0, 1)
		}
		return next
	}}
	good := func(daysAgo int) stats.Backup {
		return stats.Backup{ID: "b", Began: time.Date(2026, 11, 24-daysAgo, 2, 0, 0, 0, time.UTC), Outcome: stats.BackupGood, Figures: 2413, Bytes: 412_000, AsAt: now.AddDate(0, 0, -20)}
	}
	failed := stats.Backup{Outcome: stats.BackupFailed, Problem: "there is no folder /mnt/backups: make it, or mount the disk that it is on"}
	for name, tt := range map[string]struct {
		last    stats.Backup
		tried   []stats.Backup
		when    Backups
		concern string
	}{
		"never and not scheduled": {stats.Backup{}, nil, Backups{}, "No backup has been taken, and none is scheduled"},
		"not yet":                 {stats.Backup{}, nil, nightly, "No backup has been taken yet"},
		"last night":              {good(0), []stats.Backup{good(0)}, nightly, ""},
		"the night before last":   {good(1), []stats.Backup{good(1)}, nightly, "The last backup is older than it should be"},
		"by hand, lately":         {good(3), []stats.Backup{good(3)}, Backups{}, ""},
		"by hand, long ago":       {good(9), []stats.Backup{good(9)}, Backups{}, "The last backup is older than it should be"},
		"failed since":            {good(1), []stats.Backup{failed}, nightly, "The last backup failed"},
		"never anything else":     {stats.Backup{}, []stats.Backup{failed}, nightly, "The last backup failed"},
	} {
		got := backupBlockOf(tt.last, tt.tried, tt.when, now)
		if got.Concern != tt.concern || (got.Last == "") != (tt.last.ID == "") || strings.HasPrefix(tt.concern, "The last backup failed") && got.Problem != failed.Problem {
			t.Errorf("%s: %+v, want %q", name, got, tt.concern)
		}
	}
	want := backupBlock{Last: "24 November 2026, 02:00 GMT", Figures: "2,413 figures", AsAt: "4 November 2026, 09:00 GMT", Size: "412 kB",
		Tried: "restored apart: every published figure was the same", Next: "25 November 2026, 02:00 GMT"}
	if diff := cmp.Diff(want, backupBlockOf(good(0), []stats.Backup{good(0)}, nightly, now)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
