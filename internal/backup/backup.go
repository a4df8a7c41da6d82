// Package backup takes backups of everything that stalkstats keeps, and restores them.
//
//	Take:    tables, piece by piece, and kept files → objects → manifest
//	Restore: manifest → every object checked → tables at their version → migrations
//
// It reads and writes over the driver, so it is one way for the embedded engine, for the
// engine of a running server and for a ClickHouse server, and from any of them to any.
// What did not change since the last backup is not written again. An object has the hash
// of its bytes for a name; a manifest names the objects of one backup and is written last,
// at once: so a backup that was broken off is none, and the next one clears it up.
//
// A backup is of one moment. Nothing is stopped for it: what is written last is read
// first, and of releases only those are taken that had been published by the newest
// publication that was seen. So it is what a process that ended at that moment would have
// left, which the next start clears up after.
package backup

import (
	"time"

	"stalkstats/internal/clickhouse"
)

// A Source is what is backed up.
type Source struct {
	DB      *clickhouse.DB
	DataDir string
	Program string // the version of stalkstats
	// Beside is files that belong with the data directory though they are not in it: where
	// each lies, by the name that it is kept under.
	Beside map[string]string
}

// Options say where to and what stays.
type Options struct {
	Folder   string
	Kept     time.Duration // older backups are removed; 0: none is
	Now      func() time.Time
	Progress func(Progress) // called now and then; may be nil
}

// Progress is how far something has come.
type Progress struct {
	Doing string
	Done  float64 // 0 to 1
}

func (o Options) tell(doing string, done, of uint64) {
	if o.Progress != nil {
		o.Progress(Progress{doing, min(1, float64(done)/float64(max(of, 1)))})
	}
}

// leastKept is how many backups stay however old they are: where backups have failed for a
// month, the last good ones must not go.
const leastKept = 7

// The folders and files of a data directory that are in a backup. What is not: locks and
// the socket, which belong to a process; uploads and deliveries, which are in the making.
const (
	snapshotsDir = "snapshots"
	ownerFile    = "owner"
	// besideDir is where files from elsewhere are restored to: nothing is put into use that
	// somebody has not looked at.
	besideDir = "restored"
)

// readFirst is the tables in the order in which they are read: what is written last comes
// first. So whatever a row refers to is in the backup too.
var readFirst = []string{
	"request_answers", "alerts", "runs", "rejected_rows", "fetches", "published", "releases", "revisions",
	"observations", "recommendations", "recommendation_progress", "areas", "measures", "series_breaks", "most_similar_groups",
	"requests", "report_deliveries", "saved_report_removals", "saved_reports", "permalink_withdrawals", "permalinks", "permalink_files",
	"disclosure_publications", "disclosure_decisions", "disclosure_secret", "progress_entries", "annotations", "downloads", "audit", "backups",
}
