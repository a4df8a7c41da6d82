package clickhouse

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"

	chgo "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// plain takes off the error in which net/http repeats the whole address: over
// HTTP it holds every parameter's value, and whoever reads the log need not.
func plain(err error) error {
	var request *url.Error
	if errors.As(err, &request) {
		return request.Err
	}
	return err
}

// ErrUnanswered: the server did not answer, or broke its answer off. Whether a
// statement was carried out is not known then.
var ErrUnanswered = errors.New("the ClickHouse server did not answer, or broke off: look whether it is running, and run again")

// ErrFull: the disk under the data directory is full, or too full to begin.
var ErrFull = errors.New("the disk is full: free some room in the data directory and run again")

// full is what ClickHouse says of a full disk, in plain words. It refuses to
// begin an insert with a code of its own, and where the room ends in the middle
// it tells only in words what the system told it.
type full struct{ err error }

func (f full) Error() string { return ErrFull.Error() }

func (f full) Is(target error) bool { return target == ErrFull }

func (f full) Unwrap() error { return f.err }

func saysFull(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "(NOT_ENOUGH_SPACE)") || strings.Contains(err.Error(), "No space left on device"))
}

// unanswered is an error of the network between here and the server. Its words
// are those of ErrUnanswered: the network's own are for nobody.
type unanswered struct{ err error }

func (u unanswered) Error() string { return ErrUnanswered.Error() }

func (u unanswered) Is(target error) bool { return target == ErrUnanswered }

func (u unanswered) Unwrap() error { return u.err }

// plain is the error in plain words. The network stands between here and a
// server only: the embedded engine and another process have words of their own.
func (db *DB) plain(err error) error {
	if saysFull(err) {
		return full{plain(err)}
	}
	if !db.server || err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return plain(err)
	}
	var request *url.Error
	var network net.Error
	for _, broken := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, sqldriver.ErrBadConn, chgo.ErrAcquireConnTimeout, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, broken) {
			return unanswered{plain(err)}
		}
	}
	if errors.As(err, &request) || errors.As(err, &network) {
		return unanswered{plain(err)}
	}
	return err
}

// hidden is an error in whose text a secret is masked.
type hidden struct {
	text string
	err  error
}

func (h hidden) Error() string { return h.text }

func (h hidden) Unwrap() error { return h.err }

// hide masks secret in err's text, in case a server or the network repeats it.
func hide(err error, secret string) error {
	if secret == "" || !strings.Contains(err.Error(), secret) {
		return err
	}
	return hidden{strings.ReplaceAll(err.Error(), secret, "xxxxx"), err}
}

// unreadable says what is wrong with a DSN. The driver masks a password where
// it finds one; a DSN that cannot be read may hold it anywhere.
func unreadable(err error, dsn string) error {
	if strings.Contains(dsn, "@") || strings.Contains(dsn, "password") {
		return errors.New("it must look like clickhouse://user:password@host:9000/database, with special characters in user and password written as %XX")
	}
	return plain(err)
}

// The methods below are the driver's, with plain errors.

// Query runs a statement that returns rows.
func (db *DB) Query(ctx context.Context, query string, args ...any) (driver.Rows, error) {
	found, err := db.Conn.Query(ctx, query, args...)
	if err != nil {
		return nil, db.plain(err)
	}
	return rows{found, db}, nil
}

// QueryRow runs a statement that returns one row; Scan gives its error.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) driver.Row {
	return row{db.Conn.QueryRow(ctx, query, args...), db}
}

// Select runs a statement and appends its rows to dest, a pointer to a slice.
func (db *DB) Select(ctx context.Context, dest any, query string, args ...any) error {
	return db.plain(db.Conn.Select(ctx, dest, query, args...))
}

// Exec runs a statement that returns no rows.
func (db *DB) Exec(ctx context.Context, query string, args ...any) error {
	return db.plain(db.Conn.Exec(ctx, query, args...))
}

// Ping asks whether ClickHouse answers.
func (db *DB) Ping(ctx context.Context) error { return db.plain(db.Conn.Ping(ctx)) }

// PrepareBatch begins an insert; nothing is sent before Send.
func (db *DB) PrepareBatch(ctx context.Context, query string, opts ...driver.PrepareBatchOption) (driver.Batch, error) {
	b, err := db.Conn.PrepareBatch(ctx, query, opts...)
	if err != nil {
		return nil, db.plain(err)
	}
	return batch{b, db}, nil
}

type row struct {
	driver.Row
	db *DB
}

func (r row) Err() error                { return r.db.plain(r.Row.Err()) }
func (r row) Scan(dest ...any) error    { return r.db.plain(r.Row.Scan(dest...)) }
func (r row) ScanStruct(dest any) error { return r.db.plain(r.Row.ScanStruct(dest)) }

type rows struct {
	driver.Rows
	db *DB
}

func (r rows) Err() error             { return r.db.plain(r.Rows.Err()) }
func (r rows) Scan(dest ...any) error { return r.db.plain(r.Rows.Scan(dest...)) }

type batch struct {
	driver.Batch
	db *DB
}

func (b batch) Send() error { return b.db.plain(b.Batch.Send()) }
