package dashboard

import (
	"context"
	"time"

	"stalkstats/internal/stats"
)

// Backups is what the configuration says of backups.
type Backups struct {
	Next func(now time.Time) time.Time // when the next is due; nil: only when asked
}

// backupBlock is how the backups stand, for whoever looks after the data.
type backupBlock struct {
	Concern string // why they need somebody; empty where they do not
	Last    string // when the last one that there is began
	Figures string
	AsAt    string // the newest publication in it
	Size    string
	Tried   string // whether it gave the figures again
	Next    string
	Problem string // of the last attempt
}

type backupReader interface {
	Backups(ctx context.Context, limit int) ([]stats.Backup, error)
	LastBackup(ctx context.Context) (stats.Backup, error)
}

const (
	// backupOverdue is how old a backup is that somebody should ask about, though none is
	// scheduled.
	backupOverdue = 8 * 24 * time.Hour
	// backupPatience is how long one that is scheduled may be on its way.
	backupPatience = 6 * time.Hour
)

// backups says how they stand.
func (s *site) backups(ctx context.Context, reader backupReader) (backupBlock, error) {
	last, err := reader.LastBackup(ctx)
	if err != nil {
		return backupBlock{}, err
	}
	tried, err := reader.Backups(ctx, 1)
	if err != nil {
		return backupBlock{}, err
	}
	return backupBlockOf(last, tried, s.backedUp, s.now()), nil
}

func backupBlockOf(last stats.Backup, tried []stats.Backup, b Backups, now time.Time) backupBlock {
	block := backupBlock{Next: "only when asked"}
	if b.Next != nil {
		block.Next = moment(b.Next(now))
	}
	if last.ID != "" {
		block.Last, block.Figures, block.Size = moment(last.Began), plural(int(last.Figures), "figure", "figures"), stats.SizeText(int64(last.Bytes))
		block.AsAt = "nothing was published yet"
		if !last.AsAt.IsZero() {
			block.AsAt = moment(last.AsAt)
		}
		block.Tried = "not tried"
		if last.Outcome == stats.BackupGood {
			block.Tried = "restored apart: every published figure was the same"
		}
	}
	failed := len(tried) > 0 && tried[0].Outcome == stats.BackupFailed
	if len(tried) > 0 {
		block.Problem = tried[0].Problem
	}
	switch {
	case failed:
		block.Concern = "The last backup failed"
	case last.ID == "" && b.Next == nil:
		block.Concern = "No backup has been taken, and none is scheduled"
	case last.ID == "":
		block.Concern = "No backup has been taken yet"
	case b.Next != nil && b.Next(last.Began).Add(backupPatience).Before(now), b.Next == nil && now.Sub(last.Began) > backupOverdue:
		block.Concern = "The last backup is older than it should be"
	}
	return block
}
