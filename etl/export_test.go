package etl

import (
	"context"
	"io/fs"

	"stalkstats/etl/alert"
	"stalkstats/etl/source"
)

// SetRules changes the bounds of fetching that no configuration has, so that a
// test need not wait as long between two attempts as a server is given in life.
func (e *ETL) SetRules(change func(*source.Rules)) {
	r := rules(e.cfg.ETL.Fetch)
	change(&r)
	e.files = source.New(e.store, r)
}

// SetBuiltin puts the reference data of another version of the program in the
// place of its own.
func (e *ETL) SetBuiltin(files fs.FS) {
	e.store.Builtin = files
	e.files = source.New(e.store, rules(e.cfg.ETL.Fetch))
}

// BackupStanding says how the backups stand.
func (e *ETL) BackupStanding(ctx context.Context) ([]alert.Standing, error) { return e.backups(ctx) }
