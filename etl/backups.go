package etl

import (
	"context"
	"fmt"
	"time"

	"stalkstats/etl/alert"
	"stalkstats/etl/load"
	"stalkstats/etl/timetable"
	"stalkstats/internal/stats"
)

// backupPatience is how long after its time a backup may still be on its way before its
// being missing is told: a share that does not answer ends no attempt.
const backupPatience = 6 * time.Hour

// backups says how the backups stand; nothing where none are scheduled.
func (e *ETL) backups(ctx context.Context) ([]alert.Standing, error) {
	if e.cfg.Backup.Schedule == "" {
		return nil, nil
	}
	last, good, err := load.Backups(ctx, e.conn)
	if err != nil {
		return nil, err
	}
	standing := alert.Standing{Source: alert.Source{Name: alert.Backups, Title: "the backup"}}
	if last.Outcome == stats.BackupFailed {
		standing.Condition, standing.Since, standing.Problem = alert.NoBackup, last.Ended, last.Problem
		return []alert.Standing{standing}, nil
	}
	schedule, err := timetable.Parse(e.cfg.Backup.Schedule, e.cfg.ETL.Location())
	if err != nil {
		return nil, fmt.Errorf("schedule the backup: %w", err)
	}
	from := good
	if from.Before(e.began) {
		from = e.began // what was missed while nothing ran is made up first
	}
	if due, missed := timetable.Missed(schedule, from, e.now().Add(-backupPatience)); missed {
		standing.Condition, standing.Since = alert.NoBackup, due
		standing.Problem = fmt.Sprintf("The backup that was due on %s has not come to its end.", due.In(e.cfg.ETL.Location()).Format("2 January 2006, 15:04"))
	}
	return []alert.Standing{standing}, nil
}
