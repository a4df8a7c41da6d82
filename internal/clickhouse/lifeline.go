package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// A client of the socket holds one request open as long as it works: its
// lifeline. Its work is many statements with pauses between them, so that from
// the statements alone the owner of the engine could not tell a client that has
// ended from one that is reading its file.
const lifelinePath = "/lifeline"

// ErrEnding: the process that owns the engine has been told to end and takes
// nobody new.
var ErrEnding = errors.New("the stalkstats server of this data directory is ending: wait until it has ended, and run again")

// clients are those of a socket. It is a handler for their lifelines.
type clients struct {
	mu      sync.Mutex
	ending  bool           // nobody new is taken
	working sync.WaitGroup // clients with a lifeline
	stop    chan struct{}  // closed when those that are left must stop
	over    chan struct{}  // closed when they are waited for no more
}

func newClients() *clients { return &clients{stop: make(chan struct{}), over: make(chan struct{})} }

// enter takes a client, unless the end has begun.
func (c *clients) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending {
		return false
	}
	c.working.Add(1)
	return true
}

// ServeHTTP implements http.Handler: it answers at once, says no more until the
// client must stop, and lasts until the client has gone.
func (c *clients) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !c.enter() {
		http.Error(w, ErrEnding.Error(), http.StatusServiceUnavailable)
		return
	}
	defer c.working.Done()
	answer := http.NewResponseController(w)
	if answer.Flush() != nil {
		return
	}
	select {
	case <-r.Context().Done():
		return
	case <-c.stop:
	}
	if _, err := w.Write([]byte{'.'}); err != nil || answer.Flush() != nil {
		return
	}
	select {
	case <-r.Context().Done():
	case <-c.over:
	}
}

// leave waits until every client has gone. Those that have not after the grace
// time are told to stop; one that does not do so in a while is left behind.
func (c *clients) leave(grace time.Duration) {
	c.mu.Lock()
	c.ending = true
	c.mu.Unlock()
	gone := make(chan struct{})
	go func() { c.working.Wait(); close(gone) }()
	if within(gone, grace) {
		return
	}
	close(c.stop)
	within(gone, drain)
	close(c.over)
}

// within reports whether something is done before a time is over.
func within(done <-chan struct{}, limit time.Duration) bool {
	over := time.NewTimer(limit)
	defer over.Stop()
	select {
	case <-done:
		return true
	case <-over.C:
		return false
	}
}

// A lifeline is a client's end of it.
type lifeline struct {
	transport *http.Transport // to the owner
	cut       context.CancelFunc
	ending    chan struct{} // closed when the owner says that its grace time is over
}

// openLifeline takes hold of the owner at a socket. It fails with ErrEnding
// where the owner has been told to end. ctx bounds the taking hold alone.
func openLifeline(ctx context.Context, socket string) (*lifeline, error) {
	life, cut := context.WithCancel(context.WithoutCancel(ctx))
	held := context.AfterFunc(ctx, cut)
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dialSocket(ctx, socket) }}
	req, err := http.NewRequestWithContext(life, http.MethodGet, "http://stalkstats"+lifelinePath, nil)
	if err != nil {
		cut()
		return nil, err
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		cut()
		return nil, fmt.Errorf("take hold of the engine at %s: %w", socket, err)
	}
	if resp.StatusCode != http.StatusOK || !held() {
		cut()
		return nil, errors.Join(ErrEnding, resp.Body.Close())
	}
	l := &lifeline{transport: transport, cut: cut, ending: make(chan struct{})}
	go func() {
		defer resp.Body.Close()
		// Without a byte the owner is no more, which the statements will tell.
		if n, _ := resp.Body.Read(make([]byte, 1)); n > 0 {
			close(l.ending)
			<-life.Done()
		}
	}()
	return l, nil
}
