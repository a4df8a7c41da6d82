package etl_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"stalkstats/etl/alert"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// TestBackupsAreToldOf: one that fails, one that has not come, and that the next went well.
func TestBackupsAreToldOf(t *testing.T) {
	b := newBench(t)
	stands := func() alert.Standing {
		t.Helper()
		all, err := b.etl.BackupStanding(t.Context())
		if err != nil || len(all) != 1 || all[0].Name != alert.Backups {
			t.Fatalf("%+v, %v", all, err)
		}
		return all[0]
	}
	if all, err := b.etl.BackupStanding(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("without a schedule: %+v, %v", all, err)
	}
	b.cfg.Backup = config.Backup{Folder: "/mnt/backups", Schedule: "0 2 * * *"}
	b.etl = b.over(b.conn)
	record := func(outcome, problem string) {
		t.Helper()
		at := b.now.Format("2006-01-02 15:04:05")
		if err := b.conn.Exec(t.Context(), fmt.Sprintf("INSERT INTO backups (backup_id, began_at, ended_at, outcome, problem) VALUES ('b', '%s', '%s', '%s', '%s')", at, at, outcome, problem)); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		hours            int // until then
		outcome, problem string
		want             alert.Condition
		says             string
	}{
		{0, "", "", alert.Well, ""},
		{17, "good", "", alert.Well, ""}, // 2 July, 02:00 UTC
		{24, "failed", "there is no folder /mnt/backups", alert.NoBackup, "there is no folder /mnt/backups"},
		{24, "untried", "", alert.Well, ""},
		{30, "", "", alert.NoBackup, "The backup that was due on 5 July 2026, 02:00 has not come to its end."},
		{1, "good", "", alert.Well, ""},
	} {
		b.now = b.now.Add(time.Duration(step.hours) * time.Hour)
		if step.outcome != "" {
			record(step.outcome, step.problem)
		}
		if got := stands(); got.Condition != step.want || got.Problem != step.says {
			t.Errorf("%v: %+v, want %q %q", b.now, got, step.want, step.says)
		}
	}
	before := alert.Decide(nil, []alert.Standing{{Source: alert.Source{Name: alert.Backups, Title: "the backup"}, Condition: alert.NoBackup, Problem: "there is no folder"}}, b.now, time.UTC)
	if len(before) != 1 || before[0].Subject != "stalkstats: the backup failed" || strings.Contains(before[0].Text, "ource") {
		t.Errorf("%+v", before)
	}
	after := alert.Decide(map[string]stats.Alert{alert.Backups: before[0]}, []alert.Standing{{Source: alert.Source{Name: alert.Backups, Title: "the backup"}}}, b.now, time.UTC)
	if len(after) != 1 || after[0].Subject != "stalkstats: the backup is well again" || !strings.Contains(after[0].Text, "The last backup went well.") || strings.Contains(after[0].Text, "ource") {
		t.Errorf("%+v", after)
	}
}
