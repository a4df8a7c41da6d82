package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
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
	doors, err := open(cfg, listen, r)
	if err != nil {
		return err
	}
	defer doors.close()
	log := s.logger(cfg)
	db, err := s.openFor(cfg, r)
	if err != nil {
		return err
	}
	log.Info("figures opened", "engine", db.Version(), "embedded", db.Embedded())
	err = s.runRoles(cfg, db, doors, r, log)
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

// runRoles runs the parts side by side until the context ends or one fails.
func (s *session) runRoles(cfg config.Config, db *clickhouse.DB, doors doors, r roles, log *slog.Logger) error {
	ctx, stop := context.WithCancel(s.ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	if err := s.startRoles(ctx, group, cfg, db, doors, r, log); err != nil {
		stop() // nothing may go on with figures that are about to be closed
		return errors.Join(err, stopped(ctx, group.Wait()))
	}
	return stopped(s.ctx, group.Wait())
}

// startRoles starts the parts of the roles. Where it fails some may have started.
func (s *session) startRoles(ctx context.Context, group *errgroup.Group, cfg config.Config, db *clickhouse.DB, doors doors, r roles, log *slog.Logger) error {
	var started atomic.Bool
	reader := query.New(db)
	ready := func(ctx context.Context) error {
		if !started.Load() {
			return errors.New("the first load of the sources has not ended")
		}
		return current(ctx, db)
	}
	if db.Embedded() {
		group.Go(func() error { return db.ServeSocket(ctx, cfg.Socket(), time.Duration(cfg.ETL.Grace), log) })
	}
	options, err := s.pageOptions(cfg, reader, log)
	if err != nil {
		return err
	}
	options.Ready = ready
	if doors.force != nil {
		speaks, err := tlsOf(cfg.Dashboard.TLS, log)
		if err != nil {
			return err
		}
		forForce, err := withSignIn(cfg, options, log)
		if err != nil {
			return err
		}
		if err := start(ctx, group, forForce, servedAt{doors.force, "pages", faultsOf(log), speaks}); err != nil {
			return err
		}
	}
	if doors.public != nil {
		if err := start(ctx, group, publicOptions(cfg, options), servedAt{doors.public, "public pages", faultsOfNobody(log), nil}); err != nil {
			return err
		}
	}
	if !r.loads {
		started.Store(true)
		return nil
	}
	group.Go(func() error { return s.startLoads(ctx, group, cfg, db, options, log, func() { started.Store(true) }) })
	return nil
}

// startLoads starts what goes by the clock, and loads what is due now. It calls ready once the
// sources of this machine are loaded, well or badly.
func (s *session) startLoads(ctx context.Context, group *errgroup.Group, cfg config.Config, db *clickhouse.DB, pages dashboard.Options, log *slog.Logger, ready func()) error {
	reader := query.New(db)
	runs := etl.New(cfg, db, reader, log, time.Now)
	if err := runs.Prepare(ctx); err != nil {
		return stopped(ctx, err)
	}
	deliverer, err := newDeliverer(cfg, pages, reader, log)
	if err != nil {
		return fmt.Errorf("prepare the delivery of saved reports: %w", err)
	}
	// What is due, and what people ask for, does not wait for first loads.
	group.Go(func() error { return runs.Schedule(ctx) })
	group.Go(func() error { return runs.Watch(ctx) })
	group.Go(func() error { return s.backUpOnSchedule(ctx, cfg, db, reader, log) })
	if err := runs.LoadDue(ctx, etl.Local); err != nil {
		return stopped(ctx, err)
	}
	ready()
	// A report that was missed has the figures that were missed with it.
	group.Go(func() error { return deliverer.Run(ctx) })
	log.Info("ready", "data", filepath.Clean(cfg.DataDir))
	return stopped(ctx, runs.LoadDue(ctx, etl.Remote))
}

// pageOptions is what the pages are made of, and saved reports with them.
func (s *session) pageOptions(cfg config.Config, reader *query.Reader, log *slog.Logger) (dashboard.Options, error) {
	sources, err := pageSources(cfg)
	if err != nil {
		return dashboard.Options{}, err
	}
	layouts, err := PageLayouts()
	if err != nil {
		return dashboard.Options{}, err
	}
	backups, err := backupsOf(cfg)
	if err != nil {
		return dashboard.Options{}, err
	}
	outside := publishedOf(cfg, reader, log)
	options := dashboard.Options{Reader: reader, Layouts: layouts, Published: outside, Detail: outside.ForSome(), Home: cfg.Force, Contact: cfg.Contact, Sources: sources, Actions: cfg.Dashboard.Actions, Saving: savingOf(cfg), Backups: backups,
		MaxUpload: cfg.ETL.Fetch.MaxSize, Version: s.Version, Logger: log, Now: time.Now, Rules: rulesOf(cfg),
		Markings: dashboard.Markings{Internal: cfg.Dashboard.Marking, Published: cfg.Public.Marking}}
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
