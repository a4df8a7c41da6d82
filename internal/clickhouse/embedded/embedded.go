// Package embedded runs the ClickHouse engine inside this process, from the
// shared library libchdb, without cgo and without a port.
//
// It speaks ClickHouse's HTTP protocol as an [http.RoundTripper], as far as
// clickhouse-go uses it, so the driver and every statement are the same as
// with a server:
//
//	request → pool (one statement at a time a connection) → libchdb → Native blocks
//
// What an INSERT has acknowledged survives the death of this process, kill -9
// included: the rows are in the operating system's page cache by then. A power
// failure or a crash of the operating system may lose the parts written in the
// last seconds, unless the table says otherwise: ClickHouse syncs a part only
// under the MergeTree settings fsync_after_insert and fsync_part_directory.
package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// Errors of opening and using the engine. Each comes wrapped in a sentence for
// the person at the terminal.
var (
	// ErrInUse: another process has the data directory open.
	ErrInUse = errors.New("data directory in use")
	// ErrNoLibrary: libchdb was not found.
	ErrNoLibrary = errors.New("no ClickHouse engine library")
	// ErrDirectory: the data directory cannot be created, read or written.
	ErrDirectory = errors.New("data directory not usable")
	// ErrClosed: the engine was closed before or during the statement.
	ErrClosed = errors.New("the ClickHouse engine is closed")
)

// closeGrace is how long Close lets running statements finish before it stops
// them.
const closeGrace = 5 * time.Second

// Config says where the engine keeps its data.
type Config struct {
	Dir         string // data directory, created with mode 0700
	Library     string // path of libchdb; empty: searched, see Locate
	Connections int    // statements at a time; 0 means 4
}

// Engine is one user's hold on the engine of this process. It is safe for
// concurrent use.
type Engine struct {
	core *core
	mu   sync.Mutex
	done bool
}

// running is the engine of this process: libchdb opens one directory at a time.
var running struct {
	sync.Mutex
	core *core
	refs int
}

// Open opens the data directory. Within a process a directory may be opened
// several times: all share one engine, whose number of connections is the
// first one's. Two directories at once are refused. Errors match ErrInUse,
// ErrNoLibrary or ErrDirectory where those fit.
func Open(cfg Config) (*Engine, error) {
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", cfg.Dir, err)
	}
	running.Lock()
	defer running.Unlock()
	if c := running.core; c != nil {
		if c.dir != dir {
			return nil, fmt.Errorf("the embedded engine already has %s open in this process; close it before opening %s", c.dir, dir)
		}
		running.refs++
		return &Engine{core: c}, nil
	}
	c, err := start(dir, cfg)
	if err != nil {
		return nil, err
	}
	running.core, running.refs = c, 1
	return &Engine{core: c}, nil
}

// Version is the engine's version, such as 26.7.2.1.
func (e *Engine) Version() string { return e.core.version }

// Changes is how many statements the engine has carried out, whoever sent them, that
// may have changed something. It stands still as long as nothing changes.
func (e *Engine) Changes() uint64 { return e.core.changes.Load() }

// Close ends this hold. The last one to close ends the engine: statements may
// finish for some seconds, then they are stopped, and every connection is
// closed. Close may be called again; it then does nothing.
//
// The library's own chdb_shutdown is left out on purpose: after it no engine
// could be opened in this process again, and closing the last connection
// already writes everything and gives the directory free.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.done {
		return nil
	}
	e.done = true
	running.Lock()
	defer running.Unlock()
	if running.refs--; running.refs > 0 {
		return nil
	}
	running.core = nil
	return e.core.close()
}

// closed reports whether this hold has ended.
func (e *Engine) closed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.done
}

// start loads the library, takes the directory and opens the connections.
func start(dir string, cfg Config) (*core, error) {
	path, err := Locate(cfg.Library)
	if err != nil {
		return nil, err
	}
	lib, err := load(path)
	if err != nil {
		return nil, err
	}
	lock, err := takeDirectory(dir)
	if err != nil {
		return nil, err
	}
	c := newCore(lib, dir, lock)
	if err := c.open(max(cfg.Connections, 0)); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// serverFlags are read when the directory is opened. The caches are caps: the
// engine's own are made for servers of many gigabytes.
func serverFlags(dir string) []string {
	return []string{
		"--path=" + dir + string(os.PathSeparator),
		// Where nothing is named the engine reads a config.xml of the working folder,
		// which may be any program's. This one mostly is not there.
		"--config-file=" + filepath.Join(dir, "engine.xml"),
		"--max_server_memory_usage_to_ram_ratio=0.5",
		"--max_thread_pool_size=1000",
		"--mark_cache_size=134217728",
		"--primary_index_cache_size=134217728",
		"--index_mark_cache_size=33554432",
		"--uncompressed_cache_size=0",
		"--query_condition_cache_size=16777216",
		"--compiled_expression_cache_size=33554432",
		// On a terminal the engine would tell its own affairs there.
		"--logger.console=0",
		// BACKUP may write wherever this process may: who runs statements
		// here has the process's rights anyway.
		"--backups.allowed_path=/",
		fmt.Sprintf("--storage_configuration.disks.default.keep_free_space_bytes=%d", keepFree),
	}
}

// sessionFlags are the settings with which every connection starts. Times are
// UTC whatever the machine's zone. implicit_select, which the library turns
// on, would read a misspelt statement as an expression.
func sessionFlags(name string) []string {
	return []string{
		fmt.Sprintf("--max_threads=%d", min(runtime.NumCPU(), 8)),
		"--session_timezone=UTC",
		"--implicit_select=0",
		"--allow_introspection_functions=0",
		"--log_comment=" + name,
	}
}
