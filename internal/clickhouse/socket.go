package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"time"
)

const (
	// maxSocketPath is the longest path that every system takes, in bytes.
	maxSocketPath = 103
	// maxSocketHeader bounds a request's address, in bytes: statements'
	// parameters come in it.
	maxSocketHeader = 16 << 20
	// dialTimeout and drain bound the waits at the socket.
	dialTimeout = time.Second
	drain       = 5 * time.Second
)

// ServeSocket serves this process's engine at a unix socket until ctx ends, so
// that other processes may Open it. Only this user can connect (mode 0600). A
// socket file that nobody answers is replaced; the file is removed at the end.
// A client that goes away has its statement stopped. What clients tell of their
// work (see [DB.Log]) goes to told.
//
// Once ctx has ended nobody new may Open it. Those who have may go on for the
// grace time; then they are told to stop (see [DB.Ending]) and have some
// seconds to write down how far they came.
func (db *DB) ServeSocket(ctx context.Context, path string, grace time.Duration, told *slog.Logger) error {
	if db.engine == nil {
		return errors.New("serve the engine's socket: the engine is not in this process")
	}
	listener, err := listen(ctx, path)
	if err != nil {
		return fmt.Errorf("serve the engine at %s: %w", path, err)
	}
	quiet := log.New(io.Discard, "", 0)
	clients := newClients()
	routes := http.NewServeMux()
	routes.Handle("GET "+lifelinePath, clients)
	routes.Handle("POST "+logPath, takeLog(told))
	routes.Handle("/", &httputil.ReverseProxy{
		Rewrite:       rewrite,
		Transport:     db.engine,
		FlushInterval: -1,
		ErrorLog:      quiet, // the client is told; see proxyError
		ErrorHandler:  proxyError,
	})
	server := &http.Server{Handler: routes, MaxHeaderBytes: maxSocketHeader, ReadHeaderTimeout: drain, ErrorLog: quiet}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		clients.leave(grace)
		stopped <- shutdown(server)
	})
	err = server.Serve(listener)
	if !stop() {
		err = <-stopped
	}
	if err != nil {
		return fmt.Errorf("serve the engine at %s: %w", path, err)
	}
	return nil
}

// rewrite gives the request an address, which a transport insists on.
func rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme, r.Out.URL.Host = "http", "embedded"
}

// proxyError answers a client whose statement got no response, so that it sees
// a sentence and not a bare status.
func proxyError(w http.ResponseWriter, _ *http.Request, err error) {
	http.Error(w, err.Error(), http.StatusServiceUnavailable)
}

// shutdown lets requests finish for a while and then ends them.
func shutdown(server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return server.Close()
	}
	return nil
}

// listen opens the socket, replacing one that was left behind.
func listen(ctx context.Context, path string) (net.Listener, error) {
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("the path has %d bytes and may have %d; choose a shorter data directory", len(path), maxSocketPath)
	}
	if answers(ctx, path) {
		return nil, errors.New("another process serves it already")
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// answers reports whether a process accepts connections at the socket.
func answers(ctx context.Context, path string) bool {
	conn, err := dialSocket(ctx, path)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

func dialSocket(ctx context.Context, path string) (net.Conn, error) {
	return (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, "unix", path)
}
