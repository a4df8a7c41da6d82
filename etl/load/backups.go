package load

import (
	"context"
	"fmt"
	"time"

	"stalkstats/internal/stats"
)

// Backups is the last attempt to take a backup, and when the last one began that there is;
// zero where there is none.
func Backups(ctx context.Context, conn Conn) (last stats.Backup, good time.Time, err error) {
	var outcome string
	row := conn.QueryRow(ctx, "SELECT argMax(backup_id, began_at), max(began_at), argMax(ended_at, began_at), argMax(outcome, began_at), argMax(problem, began_at), maxIf(began_at, outcome != 'failed') FROM backups")
	if err := row.Scan(&last.ID, &last.Began, &last.Ended, &outcome, &last.Problem, &good); err != nil {
		return last, good, fmt.Errorf("look for the last backup: %w", err)
	}
	last.Outcome = stats.BackupOutcome(outcome)
	if good.Unix() <= 0 {
		good = time.Time{}
	}
	return last, good, nil
}
