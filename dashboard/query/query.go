// Package query asks ClickHouse the dashboard's questions: one .sql file and
// one function for each. It reads what the runs published and recorded, and
// writes nothing but what people ask for on the pages.
package query

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/singleflight"
)

//go:embed *.sql
var files embed.FS

// ErrNotFound says that there is no such run, release or request.
var ErrNotFound = errors.New("not found")

// Latest, as a time to ask at, means what is served now.
var Latest = time.Time{}

// A Reader asks over one connection pool. It is safe for concurrent use.
// What changes only with a publication, a run or an entry it reads once, see
// state.
type Reader struct {
	conn    driver.Conn
	latest  atomic.Pointer[served] // what was served when it was last asked
	stamped atomic.Pointer[stamps] // the stamps when they were last asked for
	reading singleflight.Group     // of what is served
	lasting lasting
	batches sync.Pool // of *batch: the memory of one question serves the next
	portion int       // of about how many figures one question may be
}

// New makes a Reader; the caller keeps and closes the connection.
func New(conn driver.Conn) *Reader { return &Reader{conn: conn, portion: portionFigures} }

// statement is the text of a question. The names are constants of this
// package, so a missing one is a fault of the build.
func statement(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// endOfTime is later than any publication.
var endOfTime = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// asAt is the parameter for the time to ask at, to the microsecond.
func asAt(at time.Time) driver.NamedDateValue {
	if at.IsZero() {
		at = endOfTime
	}
	return clickhouse.DateNamed("as_at", at.UTC(), clickhouse.MicroSeconds)
}

// each runs a question and hands every row to scan.
func (r *Reader) each(ctx context.Context, name string, scan func(driver.Rows) error, parameters ...any) error {
	return r.eachOf(ctx, name, statement(name), scan, parameters...)
}

// eachOf is each of a question that is made of more than the file of its name.
func (r *Reader) eachOf(ctx context.Context, name, sql string, scan func(driver.Rows) error, parameters ...any) error {
	rows, err := r.conn.Query(ctx, sql, parameters...)
	if err != nil {
		return fmt.Errorf("ask %s: %w", name, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("read the answer to %s: %w", name, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the answer to %s: %w", name, err)
	}
	return nil
}
