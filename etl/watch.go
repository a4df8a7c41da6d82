package etl

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"stalkstats/etl/alert"
	"stalkstats/etl/load"
	"stalkstats/internal/config"
	"stalkstats/internal/mail"
)

// NewAlerts makes what tells people about sources, as configured. Its error
// says every fault of the configuration, one on a line. Marking is the protective one of
// mails; empty: they have none.
func NewAlerts(cfg config.Alerts, marking string, store alert.Store, log *slog.Logger, now func() time.Time, zone *time.Location) (*alert.Alerts, error) {
	o := alert.Options{Store: store, Log: log, Now: now, Zone: zone}
	if m := cfg.Email; m.Host != "" && len(m.To) > 0 {
		o.Email = &alert.Email{Server: mail.Configured(m), To: m.To, Marking: marking}
	}
	if w := cfg.Webhook; w.Format != "" {
		o.Webhook = &alert.Webhook{URL: w.URL, Format: w.Format}
	}
	return alert.New(o)
}

// watchEvery is how often sources are looked at though no run ended: one that
// is late is so without a run.
const watchEvery = 2 * time.Minute

// Watch tells people when a source is not well, and when it is again, until
// the context ends. It never keeps a run from going on.
func (e *ETL) Watch(ctx context.Context) error {
	alerts, err := NewAlerts(e.cfg.Alerts, e.cfg.Dashboard.Marking, load.Alerts{Conn: e.conn}, e.log, e.now, e.cfg.ETL.Location())
	if err != nil {
		return err
	}
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		if err := e.look(ctx, alerts); err != nil && ctx.Err() == nil {
			e.log.Error("the sources could not be looked at for alerts", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case <-e.ended:
		}
	}
}

// look judges every source by its runs and its files, and tells what is new. Of several
// processes over one data directory, one looks.
func (e *ETL) look(ctx context.Context, alerts *alert.Alerts) error {
	unlock, err := lock(e.lockDir(), "-alerts")
	if err == errBusy {
		return nil
	}
	if err != nil {
		return err
	}
	defer unlock()
	runs, err := load.LastRuns(ctx, e.conn)
	if err != nil {
		return err
	}
	newest, err := load.Newest(ctx, e.conn)
	if err != nil {
		return err
	}
	first, err := load.First(ctx, e.conn)
	if err != nil {
		return err
	}
	covered, err := load.Covered(ctx, e.conn, limitedFigures(e.cfg.ETL.Sources))
	if err != nil {
		return err
	}
	var standings []alert.Standing
	for _, src := range e.cfg.ETL.Sources {
		about := alert.Source{Name: src.Name, Title: src.Title, Limit: src.Limit(), Newest: newest[src.Name], Covers: covered[src.Name], First: first[src.Name]}
		if e.cfg.Alerts.Pages != "" {
			about.Address = strings.TrimSuffix(e.cfg.Alerts.Pages, "/") + "/data/sources/" + src.Name
		}
		standings = append(standings, alert.Judge(about, runs[src.Name], e.now()))
	}
	backups, err := e.backups(ctx)
	if err != nil {
		return err
	}
	return alerts.Look(ctx, append(standings, backups...))
}

// limitedFigures is the sources that have a limit of what their figures cover:
// of the others nobody need ask.
func limitedFigures(sources []config.Source) []string {
	var names []string
	for _, src := range sources {
		if src.CoversWithin > 0 {
			names = append(names, src.Name)
		}
	}
	return names
}
