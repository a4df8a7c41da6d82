package query

import (
	"context"
	"errors"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// stamp tells one state of the tables from another, by table.
type stamp map[string]uint64

// stamps are those of what is published and of what people entered, and how many
// changes there had been before they were asked for.
type stamps struct {
	changes            uint64
	published, entered stamp
}

// A counting connection knows of every change: its engine is in this process.
type counting interface {
	Changes() (n uint64, known bool)
}

// stamps asks for the stamps, unless nothing has changed since they were asked for.
func (r *Reader) stamps(ctx context.Context) (published, entered stamp, err error) {
	var changes uint64
	c, known := r.conn.(counting)
	if known {
		changes, known = c.Changes()
	}
	if last := r.stamped.Load(); known && last != nil && last.changes == changes {
		return last.published, last.entered, nil
	}
	published, entered, err = r.readStamp(ctx)
	if err == nil && known && len(entered) > 0 {
		r.stamped.Store(&stamps{changes, published, entered})
	}
	return published, entered, err
}

var errNotCounted = errors.New("what people entered could not be counted")

// Stamp tells one state of everything that figures' pages show from another: the
// same stamp is the same pages.
func (r *Reader) Stamp(ctx context.Context) (string, error) {
	published, entered, err := r.stamps(ctx)
	if err == nil && len(entered) == 0 {
		err = errNotCounted
	}
	return fmt.Sprint(published, entered), err
}

// readStamp is the stamps of what is published and of what people entered, both
// of one question. Where the entries cannot be counted the pages stand without:
// the second stamp is then empty, and whoever asks for entries hears why.
func (r *Reader) readStamp(ctx context.Context) (published, entered stamp, err error) {
	both := statement("stamp_published.sql") + "UNION ALL\n" + statement("stamp_entries.sql")
	for _, sql := range []string{both, statement("stamp_published.sql")} {
		published, entered = stamp{}, stamp{}
		err = r.eachOf(ctx, "stamp_published.sql", sql, func(rows driver.Rows) error {
			var table string
			var entries bool
			var n uint64
			err := rows.Scan(&table, &entries, &n)
			if entries {
				entered[table] = n
			} else {
				published[table] = n
			}
			return err
		})
		if err == nil {
			break
		}
	}
	return published, entered, err
}
