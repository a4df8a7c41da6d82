package stats

import (
	"fmt"
	"time"
)

// A Backup is one attempt to take a backup, as it was recorded when it ended.
type Backup struct {
	ID      string // the name of its list, without its ending; empty where it failed
	Began   time.Time
	Ended   time.Time
	AskedBy string // the account that gave the command; empty where the schedule did
	Outcome BackupOutcome
	AsAt    time.Time // the newest publication in it; zero where there is none
	Figures uint64    // that were served
	Bytes   uint64    // of all that it consists of
	Added   uint64    // bytes that the folder did not have yet
	Problem string    // one sentence; empty where all went well
}

// BackupOutcome is what became of a backup.
type BackupOutcome string

// The outcomes of backups.
const (
	BackupGood    BackupOutcome = "good"    // it is whole, and gave every published figure again
	BackupUntried BackupOutcome = "untried" // it is whole; whether it gives the figures again was not tried
	BackupFailed  BackupOutcome = "failed"  // there is none
)

// Stands reports whether there is a backup that can be restored.
func (b Backup) Stands() bool { return b.Outcome == BackupGood || b.Outcome == BackupUntried }

// SizeText is a number of bytes as people say it.
func SizeText(bytes int64) string {
	switch {
	case bytes >= 1_000_000_000:
		return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
	case bytes >= 1_000_000:
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.0f kB", float64(bytes+500)/1000)
}
