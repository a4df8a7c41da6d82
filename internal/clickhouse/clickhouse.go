// Package clickhouse opens the ClickHouse that stalkstats works with: a server
// named by a DSN, the engine embedded in this process, or the engine of
// another stalkstats process through its unix socket. All three are one
// driver and one SQL; callers do not notice which it is.
//
// The embedded engine belongs to one process. That process may serve it with
// [DB.ServeSocket]; [Open] in another process looks for the socket first.
package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/clickhouse/embedded"
)

// DefaultDatabase is the embedded engine's database unless another is named.
const DefaultDatabase = "stalkstats"

// Errors of opening; each comes with a sentence for the person at the terminal.
var (
	// ErrInUse: another process has the data directory open, and serves no
	// socket that answers.
	ErrInUse = embedded.ErrInUse
	// ErrNoLibrary: the embedded engine's library is not installed.
	ErrNoLibrary = embedded.ErrNoLibrary
	// ErrDirectory: the data directory cannot be created, read or written.
	ErrDirectory = embedded.ErrDirectory
	// ErrTooOld: the server's version is below the oldest supported.
	ErrTooOld = errors.New("ClickHouse is too old")
	// ErrDSN: the DSN cannot be read.
	ErrDSN = errors.New("clickhouse.dsn")
)

// ownerStarting is how long Open waits for the socket of a process that holds
// the data directory: it opens the directory first and serves it after.
const ownerStarting = time.Second

// Options says which ClickHouse to use.
type Options struct {
	DSN         string // clickhouse://user:password@host:9000/database?…; empty: the embedded engine in Dir
	Database    string // empty: the DSN's; without a DSN DefaultDatabase. Created when missing, except on a server
	Dir         string // data directory of the embedded engine, created with mode 0700
	Library     string // path of libchdb; empty: searched, see embedded.Locate
	Socket      string // unix socket at which a running process serves its engine; empty: none
	Connections int    // statements the embedded engine runs at a time; 0 means 4
	Slow        Slow
}

// DB is an open ClickHouse. Its methods are the driver's and safe for
// concurrent use.
type DB struct {
	driver.Conn
	version string
	engine  *embedded.Engine // nil unless the engine is in this process
	life    *lifeline        // nil unless the engine is another process's
	server  bool             // a server that a DSN names

	closing sync.Once
	closed  error
}

// Open connects to the ClickHouse that o names: the DSN's server; or the
// engine behind o.Socket, if it answers; or the embedded engine in o.Dir.
// Errors match ErrInUse, ErrNoLibrary, ErrDirectory, ErrTooOld or ErrDSN
// where those fit, and never hold the DSN's password.
func Open(ctx context.Context, o Options) (*DB, error) {
	db, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	db.Conn = o.Slow.watch(db.Conn)
	return db, nil
}

func open(ctx context.Context, o Options) (*DB, error) {
	if o.DSN != "" {
		return openServer(ctx, o)
	}
	if o.Database == "" {
		o.Database = DefaultDatabase
	}
	if !databaseName.MatchString(o.Database) {
		return nil, fmt.Errorf("clickhouse.database %q: letters, digits and _ only", o.Database)
	}
	if db, err := openSocket(ctx, o); db != nil || err != nil {
		return db, err
	}
	engine, err := embedded.Open(embedded.Config{Dir: o.Dir, Library: o.Library, Connections: o.Connections})
	if errors.Is(err, ErrInUse) {
		return awaitOwner(ctx, o, err)
	}
	if err != nil {
		return nil, err
	}
	db := &DB{engine: engine, version: engine.Version()}
	return db.connect(ctx, o.Database, engineOptions(engine))
}

var databaseName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// awaitOwner tries the socket for a while: the process that has the directory
// may be about to serve it. Without success the answer is inUse.
func awaitOwner(ctx context.Context, o Options, inUse error) (*DB, error) {
	if o.Socket == "" {
		return nil, inUse
	}
	ctx, cancel := context.WithTimeout(ctx, ownerStarting)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, inUse
		case <-tick.C:
		}
		if db, err := openSocket(ctx, o); db != nil || err != nil {
			return db, err
		}
	}
}

// openSocket connects to the engine of another process. It returns neither a
// DB nor an error when no process answers at the socket.
func openSocket(ctx context.Context, o Options) (*DB, error) {
	if o.Socket == "" {
		return nil, nil
	}
	if _, err := os.Stat(o.Socket); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if !answers(ctx, o.Socket) {
		return nil, nil
	}
	life, err := openLifeline(ctx, o.Socket)
	var db *DB
	if err == nil {
		if db, err = (&DB{life: life}).connect(ctx, o.Database, socketOptions(o.Socket)); err != nil {
			life.cut()
		}
	}
	if err != nil && !errors.Is(err, ErrEnding) && ctx.Err() == nil && !answers(ctx, o.Socket) {
		return nil, nil // its owner has ended meanwhile
	}
	return db, err
}

// Embedded reports whether the engine runs in this process.
func (db *DB) Embedded() bool { return db.engine != nil }

// Server reports whether this is a server that a DSN names.
func (db *DB) Server() bool { return db.server }

// Remote reports whether the engine is another stalkstats process's, reached
// by its socket.
func (db *DB) Remote() bool { return db.life != nil }

// Ending is closed when the process whose engine this is tells its clients to
// stop: it has been told to end and its grace time is over. Statements work for
// some seconds more. Where the engine is nobody else's it is nil.
func (db *DB) Ending() <-chan struct{} {
	if db.life == nil {
		return nil
	}
	return db.life.ending
}

// Changes is how many statements were carried out that may have changed something.
// known is false where others can change something that this process hears nothing of.
func (db *DB) Changes() (n uint64, known bool) {
	if db.engine == nil {
		return 0, false
	}
	return db.engine.Changes(), true
}

// Version is ClickHouse's version, such as 26.7.2.
func (db *DB) Version() string { return db.version }

// Close closes the driver's connections and then the engine, if it is in this
// process: statements may finish for some seconds, then they are stopped.
// Further calls return what the first did.
func (db *DB) Close() error {
	db.closing.Do(func() {
		db.closed = db.Conn.Close()
		if db.life != nil {
			db.life.cut()
			db.life.transport.CloseIdleConnections()
		}
		if db.engine != nil {
			db.closed = errors.Join(db.closed, db.engine.Close())
		}
	})
	return db.closed
}
