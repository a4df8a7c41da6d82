package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strings"

	chgo "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// oldest is the oldest ClickHouse with all the SQL that stalkstats uses.
var oldest = proto.Version{Major: 24, Minor: 8}

// openServer connects to a ClickHouse server.
func openServer(ctx context.Context, o Options) (*DB, error) {
	opt, err := chgo.ParseDSN(o.DSN)
	if err != nil {
		return nil, fmt.Errorf("%w cannot be read: %w", ErrDSN, unreadable(err, o.DSN))
	}
	if o.Database != "" {
		opt.Auth.Database = o.Database
	}
	conn, err := chgo.Open(opt)
	if err != nil {
		return nil, fmt.Errorf("connect to ClickHouse at %s: %w", address(opt), hide(err, opt.Auth.Password))
	}
	version, err := greet(ctx, conn)
	if err != nil {
		err = errors.Join(err, conn.Close())
		return nil, fmt.Errorf("connect to ClickHouse at %s: %w", address(opt), hide((&DB{server: true}).plain(err), opt.Auth.Password))
	}
	if tooOld(version) {
		err := fmt.Errorf("%w: the server at %s is version %s; stalkstats needs %d.%d or newer",
			ErrTooOld, address(opt), version, oldest.Major, oldest.Minor)
		return nil, errors.Join(err, conn.Close())
	}
	return &DB{Conn: conn, version: version.String(), server: true}, nil
}

// greet makes the first connection, within ctx, and returns the version.
func greet(ctx context.Context, conn driver.Conn) (proto.Version, error) {
	if err := conn.Ping(ctx); err != nil {
		return proto.Version{}, err
	}
	server, err := conn.ServerVersion()
	if err != nil {
		return proto.Version{}, err
	}
	return server.Version, nil
}

// tooOld reports whether a server's version is below the oldest supported.
func tooOld(v proto.Version) bool { return !proto.CheckMinVersion(oldest, v) }

// address names the server for messages: its hosts and nothing secret.
func address(opt *chgo.Options) string { return strings.Join(opt.Addr, ", ") }
