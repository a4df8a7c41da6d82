package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"stalkstats/dashboard"
	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/published"
	"stalkstats/dashboard/query"
	"stalkstats/etl"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/config"
	"stalkstats/schemas"
)

type serveCommand struct {
	Listen string `help:"The address and port of the pages, instead of dashboard.listen." placeholder:"ADDRESS"`
}

// Run serves the pages and loads the sources at their times.
func (c *serveCommand) Run(s *session) error {
	return s.serve(c.Listen, roles{pages: true, loads: true})
}

type dashboardCommand struct {
	Listen string `help:"The address and port of the pages, instead of dashboard.listen." placeholder:"ADDRESS"`
}

// Run serves the pages alone.
func (c *dashboardCommand) Run(s *session) error {
	return s.serve(c.Listen, roles{pages: true})
}

// roles says which of the two roles a process has.
type roles struct{ pages, loads bool }

// grace is how long requests under way may take once the process is told to end.
const grace = 10 * time.Second

func (s *session) serve(listen string, r roles) error {
	cfg, err := s.configFor(r.loads)
	if err != nil {
		return err
	}
	if cfg.ClickHouse.DSN == "" && !(r.pages && r.loads) {
		return usageError{errors.New("one role alone needs a ClickHouse server (clickhouse.dsn); with the embedded engine use `stalkstats serve`")}
	}
	listener, err := s.listener(&cfg, listen, r)
	if err != nil {
		return err
	}
	if listener != nil {
		defer listener.Close()
	}
	log := s.logger(cfg)
	db, err := s.openFor(cfg, r)
	if err != nil {
		return err
	}
	log.Info("figures opened", "engine", db.Version(), "embedded", db.Embedded())
	err = s.runRoles(cfg, db, listener, r, log)
	return errors.Join(err, db.Close())
}

// openFor opens the figures. Pages alone may run as a user that can only
// read, so they look whether the tables are current and leave them as they are.
func (s *session) openFor(cfg config.Config, r roles) (*clickhouse.DB, error) {
	if r.loads {
		return s.open(cfg, false)
	}
	db, err := s.connect(cfg, false)
	if err != nil {
		return nil, err
	}
	if err := current(s.ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// listener takes the port first: a port in use is told before anything is opened.
func (s *session) listener(cfg *config.Config, listen string, r roles) (net.Listener, error) {
	if !r.pages {
		return nil, nil
	}
	if listen != "" {
		cfg.Dashboard.Listen = listen
	}
	address := cfg.Dashboard.Listen
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, usageError{fmt.Errorf("--listen: %q is not an address and port, such as 127.0.0.1:8080", address)}
	}
	if !config.Loopback(host) {
		return nil, usageError{fmt.Errorf("--listen: %q can be reached from other machines; without sign-in only a loopback address such as 127.0.0.1 is allowed", address)}
	}
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("the port of %s is in use by another program: stop it, or name another port with --listen", address)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return listener, nil
}

// runRoles runs the parts side by side until the context ends or one fails.
func (s *session) runRoles(cfg config.Config, db *clickhouse.DB, listener net.Listener, r roles, log *slog.Logger) error {
	group, ctx := errgroup.WithContext(s.ctx)
	var started atomic.Bool
	reader := query.New(db)
	ready := func(ctx context.Context) error {
		if !started.Load() {
			return errors.New("the first load of the sources has not ended")
		}
		return current(ctx, db)
	}
	if db.Embedded() {
		group.Go(func() error { return db.ServeSocket(ctx, cfg.Socket(), time.Duration(cfg.ETL.Grace)) })
	}
	options, err := s.pageOptions(cfg, reader, log)
	if err != nil {
		return err
	}
	options.Ready = ready
	if r.pages {
		handler, err := dashboard.New(options)
		if err != nil {
			return err
		}
		group.Go(func() error { return servePages(ctx, listener, handler, log) })
	}
	group.Go(func() error {
		if !r.loads {
			started.Store(true)
			return nil
		}
		runs := etl.New(cfg, db, reader, log, time.Now)
		if err := runs.Prepare(ctx); err != nil {
			return stopped(ctx, err)
		}
		deliverer, err := newDeliverer(cfg, options, reader, log)
		if err != nil {
			return fmt.Errorf("prepare the delivery of saved reports: %w", err)
		}
		// What is due, and what people ask for, does not wait for first loads.
		group.Go(func() error { return runs.Schedule(ctx) })
		group.Go(func() error { return runs.Watch(ctx) })
		if err := runs.LoadDue(ctx, etl.Local); err != nil {
			return stopped(ctx, err)
		}
		started.Store(true)
		// A report that was missed has the figures that were missed with it.
		group.Go(func() error { return deliverer.Run(ctx) })
		log.Info("ready", "data", filepath.Clean(cfg.DataDir))
		return stopped(ctx, runs.LoadDue(ctx, etl.Remote))
	})
	return stopped(s.ctx, group.Wait())
}

// pageOptions is what the pages are made of, and saved reports with them.
func (s *session) pageOptions(cfg config.Config, reader *query.Reader, log *slog.Logger) (dashboard.Options, error) {
	sources, err := pageSources(cfg)
	if err != nil {
		return dashboard.Options{}, err
	}
	options := dashboard.Options{Reader: reader, Published: publishedOf(cfg, reader, log), Home: cfg.Force, Sources: sources, Actions: cfg.Dashboard.Actions, Saving: savingOf(cfg),
		MaxUpload: cfg.ETL.Fetch.MaxSize, Version: s.Version, Logger: log, Now: time.Now, Rules: rulesOf(cfg)}
	if cfg.Dashboard.Audience == dashboard.Published {
		options.Reader, options.Audience, options.Actions = options.Published, dashboard.Published, false
	}
	return options, nil
}

// publishedOf is the figures as the published audience has them.
func publishedOf(cfg config.Config, reader *query.Reader, log *slog.Logger) *published.Reader {
	return published.NewReader(reader, published.NewKeeper(reader, rulesOf(cfg), time.Now, log))
}

func rulesOf(cfg config.Config) disclosure.Rules { return disclosure.Rules(cfg.Disclosure) }

// stopped is nil where an error only says that the process was told to end.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func current(ctx context.Context, db *clickhouse.DB) error {
	pending, err := schemas.Pending(ctx, db)
	if err != nil {
		return err
	}
	if pending > 0 {
		return fmt.Errorf("%d migrations are pending: run `stalkstats migrate`", pending)
	}
	return nil
}

func servePages(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	// A write has no time limit: a large report may be read slowly.
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	log.Info("pages", "address", "http://"+listener.Addr().String())
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve the pages: %w", err)
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		return errors.Join(fmt.Errorf("end the pages: %w", err), server.Close())
	}
	return nil
}
