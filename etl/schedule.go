package etl

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/robfig/cron/v3"

	"stalkstats/etl/load"
)

// Start clears up what an earlier process left and loads, in order, the
// sources that never loaded. A source that cannot be loaded does not keep the
// others from being loaded: its run says why.
func (e *ETL) Start(ctx context.Context) error {
	if err := e.Recover(ctx); err != nil {
		return fmt.Errorf("clear up after an earlier process: %w", err)
	}
	for _, src := range e.cfg.ETL.Sources {
		loaded, err := load.HasLoaded(ctx, e.conn, src.Name)
		if err != nil {
			return err
		}
		if loaded {
			continue
		}
		if _, err := e.Run(ctx, src.Name, Options{}); err != nil {
			e.log.Error("the first load failed", "source", src.Name, "error", err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// Schedule runs the sources at their times until the context ends, and comes
// back when the last run has ended. A panic in a run is logged and ends that
// run only.
func (e *ETL) Schedule(ctx context.Context) error {
	logger := cronLog{e.log}
	c := cron.New(cron.WithLocation(e.cfg.ETL.Location()), cron.WithLogger(logger), cron.WithChain(cron.Recover(logger)))
	for _, src := range e.cfg.ETL.Sources {
		if src.Schedule == "" {
			continue
		}
		_, err := c.AddFunc(src.Schedule, func() {
			if _, err := e.Run(ctx, src.Name, Options{OnlyNew: true}); err != nil {
				e.log.Error("a scheduled run failed", "source", src.Name, "error", err)
			}
		})
		if err != nil {
			return fmt.Errorf("schedule %s: %w", src.Name, err)
		}
	}
	c.Start()
	<-ctx.Done()
	<-c.Stop().Done()
	return nil
}

// cronLog hands cron's own messages to slog; its wake-ups are of no interest.
type cronLog struct{ log *slog.Logger }

// Info implements cron.Logger.
func (l cronLog) Info(msg string, keysAndValues ...any) { l.log.Debug(msg, keysAndValues...) }

// Error implements cron.Logger.
func (l cronLog) Error(err error, msg string, keysAndValues ...any) {
	l.log.Error(msg, append([]any{"error", err}, keysAndValues...)...)
}
