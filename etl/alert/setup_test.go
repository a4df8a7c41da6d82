package alert_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"testing"
	"time"

	"stalkstats/etl/alert"
	"stalkstats/etl/load"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/mail/mailtest"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

func TestMain(m *testing.M) { os.Exit(clickhousetest.Main(m)) }

// emailBy is the options to send by a server.
func emailBy(m *mailtest.Server, mode string) *alert.Email {
	return &alert.Email{Server: m.Settings(mode), To: []string{"data@example.org"}}
}

// bench is alerts over a real store and a clock that the test turns.
type bench struct {
	store load.Alerts
	now   time.Time
	log   bytes.Buffer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	conn := clickhousetest.Open(t)
	if _, err := schemas.Apply(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	return &bench{store: load.Alerts{Conn: conn}, now: time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)}
}

// start is a process of its own over the store.
func (b *bench) start(t *testing.T, email *alert.Email, webhook *alert.Webhook) *alert.Alerts {
	t.Helper()
	return b.over(t, b.store, email, webhook)
}

func (b *bench) over(t *testing.T, store alert.Store, email *alert.Email, webhook *alert.Webhook) *alert.Alerts {
	t.Helper()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	a, err := alert.New(alert.Options{Email: email, Webhook: webhook, Store: store, Zone: london,
		Log: slog.New(slog.NewTextHandler(&b.log, nil)), Now: func() time.Time { return b.now }})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// look looks once, some minutes after the last time.
func (b *bench) look(t *testing.T, a *alert.Alerts, standings ...alert.Standing) {
	t.Helper()
	b.now = b.now.Add(2 * time.Minute)
	if err := a.Look(t.Context(), standings); err != nil {
		t.Fatal(err)
	}
}

// waiting is the problem of every delivery that was not made.
func (b *bench) waiting(t *testing.T) []string {
	t.Helper()
	kept, err := b.store.Deliveries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, d := range kept {
		if d.SentAt.IsZero() {
			all = append(all, d.Problem)
		}
	}
	slices.Sort(all)
	return all
}

// stands is a source in a condition.
func stands(name string, c alert.Condition) alert.Standing {
	s := alert.Standing{Source: alert.Source{Name: name, Title: "the return of " + name}, Condition: c}
	if c != alert.Well {
		s.Since, s.RunID, s.Problem = time.Date(2026, 7, 1, 8, 30, 0, 0, time.UTC), "20260701T083000-0a1b2c3d", name+".csv is not there: check the name and the folder"
	}
	return s
}

var errStore = errors.New("the connection was lost")

// A lossy store is the real one, except that a call fails.
type lossy struct {
	load.Alerts
	reads, writes bool
	written       bool // it fails after the write, when nobody can know
}

func (l *lossy) Deliveries(ctx context.Context) ([]stats.Delivery, error) {
	if l.reads {
		return nil, errStore
	}
	return l.Alerts.Deliveries(ctx)
}

func (l *lossy) Record(ctx context.Context, now time.Time, d []stats.Delivery) error {
	if l.writes && !l.written {
		return errStore
	}
	if err := l.Alerts.Record(ctx, now, d); err != nil || !l.writes {
		return err
	}
	return errStore
}
