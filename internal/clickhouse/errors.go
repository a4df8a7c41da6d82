package clickhouse

import (
	"context"
	"errors"
	"net/url"
	"strings"

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
	rows, err := db.Conn.Query(ctx, query, args...)
	return rows, plain(err)
}

// QueryRow runs a statement that returns one row; Scan gives its error.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) driver.Row {
	return row{db.Conn.QueryRow(ctx, query, args...)}
}

// Select runs a statement and appends its rows to dest, a pointer to a slice.
func (db *DB) Select(ctx context.Context, dest any, query string, args ...any) error {
	return plain(db.Conn.Select(ctx, dest, query, args...))
}

// Exec runs a statement that returns no rows.
func (db *DB) Exec(ctx context.Context, query string, args ...any) error {
	return plain(db.Conn.Exec(ctx, query, args...))
}

// Ping asks whether ClickHouse answers.
func (db *DB) Ping(ctx context.Context) error { return plain(db.Conn.Ping(ctx)) }

// PrepareBatch begins an insert; nothing is sent before Send.
func (db *DB) PrepareBatch(ctx context.Context, query string, opts ...driver.PrepareBatchOption) (driver.Batch, error) {
	b, err := db.Conn.PrepareBatch(ctx, query, opts...)
	if err != nil {
		return nil, plain(err)
	}
	return batch{b}, nil
}

type row struct{ driver.Row }

func (r row) Err() error                { return plain(r.Row.Err()) }
func (r row) Scan(dest ...any) error    { return plain(r.Row.Scan(dest...)) }
func (r row) ScanStruct(dest any) error { return plain(r.Row.ScanStruct(dest)) }

type batch struct{ driver.Batch }

func (b batch) Send() error { return plain(b.Batch.Send()) }
