package command

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"stalkstats/dashboard"
	"stalkstats/internal/config"
)

// doors are the ports at which pages are served; one that is nil is shut.
type doors struct{ force, public net.Listener }

// open takes the ports first: one in use is told before anything is opened.
func open(cfg config.Config, listen string, r roles) (d doors, err error) {
	if !r.pages {
		return d, nil
	}
	key := "dashboard.listen"
	if listen != "" {
		cfg.Dashboard.Listen, key = listen, "--listen"
	}
	if address := cfg.Dashboard.Listen; address != "" {
		if err := cfg.CheckListen(address); err != nil {
			return d, usageError{fmt.Errorf("%s: %w", key, err)}
		}
		if d.force, err = take(address, key); err != nil {
			return d, err
		}
	}
	if cfg.Public.Listen != "" {
		if d.public, err = take(cfg.Public.Listen, "public.listen"); err != nil {
			return d, errors.Join(err, d.close())
		}
	}
	return d, nil
}

func (d doors) close() error {
	var err error
	for _, door := range []net.Listener{d.force, d.public} {
		if door != nil {
			err = errors.Join(err, door.Close())
		}
	}
	return err
}

func take(address, key string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("the port of %s is in use by another program: stop it, or name another port with %s", address, key)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return listener, nil
}

// publicOptions is what the site for everybody is made of: the figures of the
// published audience, of the configuration only what its pages tell, and nothing
// that can be asked for or entered.
func publicOptions(cfg config.Config, force dashboard.Options) dashboard.Options {
	o := dashboard.Options{Audience: dashboard.Published, Reader: force.Published, Rules: force.Rules, Home: force.Home, Contact: force.Contact, Version: force.Version,
		Logger: force.Logger, Ready: force.Ready, Now: force.Now, Public: dashboard.Public{SafeAddress: cfg.Public.SafeAddress},
		Markings: dashboard.Markings{Published: cfg.Public.Marking}}
	for _, source := range force.Sources {
		o.Sources = append(o.Sources, dashboard.Source{Name: source.Name, Title: source.Title, Limit: source.Limit})
	}
	for _, c := range cfg.Public.Contacts {
		o.Public.Contacts = append(o.Public.Contacts, dashboard.Contact(c))
	}
	return o
}

// servedAt is where a site is served, and how.
type servedAt struct {
	listener net.Listener
	what     string
	faults   *log.Logger // of the server, not of the pages
	tls      *tls.Config // nil: it speaks HTTP
}

// start serves a site in a group, and keeps its pages ready.
func start(ctx context.Context, group *errgroup.Group, o dashboard.Options, at servedAt) error {
	site, err := dashboard.New(o)
	if err != nil {
		return err
	}
	scheme := "http://"
	if at.tls != nil {
		scheme = "https://"
	}
	o.Logger.Info(at.what, "address", scheme+at.listener.Addr().String())
	group.Go(func() error { return serveAt(ctx, at, site) })
	group.Go(func() error { site.ReadAhead(ctx); return nil })
	return nil
}

func serveAt(ctx context.Context, at servedAt, handler http.Handler) error {
	// A write has no time limit here: a large report may be read slowly. One of which
	// nothing is read is broken off by the pages.
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, ErrorLog: at.faults}
	failed := make(chan error, 1)
	go func() {
		if at.tls == nil {
			failed <- server.Serve(at.listener)
			return
		}
		server.TLSConfig = at.tls
		failed <- server.ServeTLS(at.listener, "", "") // the files are those of the configuration
	}()
	select {
	case err := <-failed:
		return fmt.Errorf("serve the %s: %w", at.what, err)
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		return errors.Join(fmt.Errorf("end the %s: %w", at.what, err), server.Close())
	}
	return nil
}

// faultsOf logs what a server says of its connections.
func faultsOf(logger *slog.Logger) *log.Logger {
	return slog.NewLogLogger(logger.Handler(), slog.LevelWarn)
}

// faultsOfNobody is faultsOf for readers of whom nothing is recorded: a server tells
// whose connection failed, so only that none can be taken any more is passed on.
func faultsOfNobody(logger *slog.Logger) *log.Logger {
	return log.New(acceptFaults{logger}, "", 0)
}

type acceptFaults struct{ log *slog.Logger }

// Write implements io.Writer.
func (f acceptFaults) Write(line []byte) (int, error) {
	if bytes.HasPrefix(line, []byte("http: Accept error: ")) {
		f.log.Warn("the public pages cannot take connections", "error", string(bytes.TrimSpace(line)))
	}
	return len(line), nil
}
