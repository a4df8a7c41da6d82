package embedded

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// defaultConnections is how many statements run at a time unless told.
const defaultConnections = 4

// openConnections counts the engine's connections of this process.
var openConnections atomic.Int64

// OpenConnections is the number of connections to the engine that this process
// has open, those of the pool and the one that stops statements.
func OpenConnections() int { return int(openConnections.Load()) }

// core is the engine of this process with its pool of connections.
type core struct {
	lib     *library
	dir     string
	lock    *os.File
	version string
	checked checkedParts
	changes atomic.Uint64 // statements that may have changed something

	free    chan *connection // connections that run no statement
	size    int
	jobs    sync.WaitGroup     // statements that the engine is running
	ctx     context.Context    // ends when running statements must stop
	stopAll context.CancelFunc // ends ctx

	closing  chan struct{} // closed when no new statement may begin
	starting sync.RWMutex  // held for reading while a statement begins

	// control stops statements on the other connections. It is open as long
	// as the engine is, since the engine ends with its last connection.
	controlMu sync.Mutex
	control   *connection
}

func newCore(lib *library, dir string, lock *os.File) *core {
	c := &core{lib: lib, dir: dir, lock: lock, closing: make(chan struct{})}
	c.ctx, c.stopAll = context.WithCancel(context.Background())
	return c
}

// open boots the engine on the directory and fills the pool.
func (c *core) open(connections int) error {
	if connections == 0 {
		connections = defaultConnections
	}
	c.control = newConnection(c.lib, c.dir, "stalkstats-control", &c.checked)
	complaint, err := withStderr(c.control.open)
	if err != nil {
		return c.refusal(complaint, err)
	}
	answer, err := c.control.text("SELECT version()")
	if err != nil {
		return fmt.Errorf("ask the ClickHouse engine for its version: %w", err)
	}
	c.version = strings.TrimSpace(answer)
	c.free = make(chan *connection, connections)
	for i := range connections {
		conn := newConnection(c.lib, c.dir, fmt.Sprintf("stalkstats-%d", i+1), &c.checked)
		c.free <- conn
		c.size++
		if err := conn.open(); err != nil {
			return fmt.Errorf("open connection %d of the ClickHouse engine: %w", i+1, err)
		}
	}
	return nil
}

// refusal says why the engine did not open the directory.
func (c *core) refusal(complaint string, err error) error {
	complaint = strings.TrimSpace(complaint)
	switch {
	case strings.Contains(complaint, "Cannot lock file"):
		return inUse(c.dir)
	case complaint != "":
		first, _, _ := strings.Cut(complaint, "\n")
		return sentence{ErrDirectory, fmt.Sprintf("the ClickHouse engine cannot open the data directory %s: %s", c.dir, first)}
	}
	return fmt.Errorf("the ClickHouse engine cannot open the data directory %s: %w", c.dir, err)
}

// acquire takes a connection out of the pool, waiting until one is free. Every
// connection it hands out counts as a job until release.
func (c *core) acquire(ctx context.Context) (*connection, error) {
	select {
	case <-c.closing:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	default:
	}
	select {
	case conn := <-c.free:
		return c.begin(conn)
	case <-c.closing:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// begin counts a job, unless the engine is closing.
func (c *core) begin(conn *connection) (*connection, error) {
	c.starting.RLock()
	defer c.starting.RUnlock()
	select {
	case <-c.closing:
		c.free <- conn
		return nil, ErrClosed
	default:
	}
	if err := conn.open(); err != nil {
		c.free <- conn
		return nil, err
	}
	c.jobs.Add(1)
	return conn, nil
}

// release puts a connection back when the engine is through with it. One whose
// settings a statement changed is replaced, which takes 0.2 ms and is the one
// way that surely leaves nothing to the next statement.
func (c *core) release(conn *connection) {
	if conn.changed {
		conn.close()
	}
	c.free <- conn
	c.jobs.Done()
}

// kill asks the engine to stop what a connection is running. The statement
// ends with its own error, so there is nothing to report here.
func (c *core) kill(conn *connection) {
	c.controlMu.Lock()
	defer c.controlMu.Unlock()
	_, _ = c.control.text("KILL QUERY WHERE Settings['log_comment'] = '" + conn.name + "' ASYNC")
}

// refuseNew lets no further statement begin. When it returns, all that had
// begun are counted as jobs.
func (c *core) refuseNew() {
	c.starting.Lock()
	defer c.starting.Unlock()
	close(c.closing)
}

// close lets running statements finish for closeGrace, stops the rest, closes
// every connection and gives the directory free.
func (c *core) close() error {
	c.refuseNew()
	timer := time.AfterFunc(closeGrace, c.stopAll)
	c.jobs.Wait()
	timer.Stop()
	c.stopAll()
	for range c.size {
		(<-c.free).close()
	}
	c.control.close()
	return c.lock.Close()
}
