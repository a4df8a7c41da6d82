package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	chgo "github.com/ClickHouse/clickhouse-go/v2"

	"stalkstats/internal/clickhouse/embedded"
)

// driverConnections is how many connections the driver may have to an engine.
// They cost nothing: what limits the engine is its own pool, where waiting
// ends with the caller's context. A prepared batch holds one of these until
// it is sent.
const driverConnections = 64

// noReadTimeout stands for none, which the driver does not offer: a long ALTER
// is bounded by its caller's context.
const noReadTimeout = 24 * time.Hour

// engineOptions lets the driver speak HTTP with the engine in this process.
func engineOptions(engine *embedded.Engine) *chgo.Options {
	o := httpOptions("embedded")
	o.TransportFunc = func(*http.Transport) (http.RoundTripper, error) { return engine, nil }
	return o
}

// socketOptions lets the driver speak HTTP over a unix socket.
func socketOptions(socket string) *chgo.Options {
	o := httpOptions("stalkstats")
	o.TransportFunc = func(t *http.Transport) (http.RoundTripper, error) {
		t.Proxy = nil // HTTP_PROXY is for the network
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialSocket(ctx, socket)
		}
		t.ResponseHeaderTimeout = 0
		return t, nil
	}
	return o
}

func httpOptions(host string) *chgo.Options {
	return &chgo.Options{
		Protocol: chgo.HTTP, Addr: []string{host + ":80"},
		MaxOpenConns: driverConnections, MaxIdleConns: driverConnections,
		ReadTimeout: noReadTimeout,
		// The engine has no use for it, and streams all the same. The driver then
		// hands out an answer in a format (see Blocks) as it comes, where it would
		// copy each byte of it to look for an error.
		Settings: chgo.Settings{"wait_end_of_query": 1},
	}
}

// connect opens the driver on an engine, creating the database if it is
// missing. On an error everything is closed again.
func (db *DB) connect(ctx context.Context, database string, o *chgo.Options) (*DB, error) {
	err := createDatabase(ctx, database, *o)
	if err == nil {
		o.Auth.Database = database
		db.Conn, err = chgo.Open(o)
	}
	if err != nil {
		if db.engine != nil {
			err = errors.Join(err, db.engine.Close())
		}
		return nil, fmt.Errorf("open the database %s: %w", database, err)
	}
	if db.version != "" {
		return db, nil
	}
	version, err := db.ServerVersion()
	if err != nil {
		return nil, fmt.Errorf("ask ClickHouse for its version: %w", errors.Join(plain(err), db.Close()))
	}
	db.version = version.Version.String()
	return db, nil
}

// createDatabase uses a connection of its own, since one whose database is
// missing runs no statement.
func createDatabase(ctx context.Context, database string, o chgo.Options) error {
	conn, err := chgo.Open(&o)
	if err != nil {
		return err
	}
	return errors.Join(plain(conn.Exec(ctx, "CREATE DATABASE IF NOT EXISTS `"+database+"`")), conn.Close())
}
