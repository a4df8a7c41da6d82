// Package alert tells people when a source is not well, and when it is again:
// by e-mail and to a webhook.
//
// Each is told once. What was told is kept in the store, so neither another
// run, nor a restart, nor a second process tells it again. An alert is kept
// before it is sent, with one delivery for each channel; a delivery that fails
// is tried again at later looks. Where the process ends between a delivery and
// the record of it the alert comes a second time, and never not at all.
package alert

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"stalkstats/internal/stats"
)

// A Store keeps what was told. load.Alerts is one, in ClickHouse.
type Store interface {
	// Deliveries is the last alert of each source, and every delivery that
	// was not made, oldest first.
	Deliveries(ctx context.Context) ([]stats.Delivery, error)
	// Record keeps how far deliveries have come: all of them or none.
	Record(ctx context.Context, now time.Time, deliveries []stats.Delivery) error
}

// Options is what alerts need.
type Options struct {
	Email   *Email   // nil: no e-mail is sent
	Webhook *Webhook // nil: nothing is posted
	Store   Store
	Log     *slog.Logger
	Now     func() time.Time // time.Now in life
	Zone    *time.Location   // of the times in messages
}

// Alerts watches sources. It is safe for concurrent use.
type Alerts struct {
	o        Options
	channels map[string]channel
	looking  sync.Mutex
}

// A channel takes one alert to one place; its error is one sentence without
// a secret or an address of a person.
type channel struct {
	name string
	send func(ctx context.Context, a stats.Alert) error
}

// New checks the options. Its error says every fault, one on a line.
func New(o Options) (*Alerts, error) {
	a := &Alerts{o: o, channels: map[string]channel{}}
	var found []channel
	var faults []error
	if o.Email != nil {
		channels, err := o.Email.channels()
		found, faults = append(found, channels...), append(faults, err)
	}
	if o.Webhook != nil {
		c, err := o.Webhook.channel()
		found, faults = append(found, c), append(faults, err)
	}
	for _, c := range found {
		a.channels[c.name] = c
	}
	return a, errors.Join(faults...)
}

// Look compares how the sources stand with what was told, keeps what is new
// and sends what is due, each channel by itself. It comes back when every
// channel has answered or run out of time, which takes at most a minute for
// a channel that is down. The error is of the store alone: a delivery that
// fails is logged, kept and tried again at a later look.
func (a *Alerts) Look(ctx context.Context, standings []Standing) error {
	if len(a.channels) == 0 {
		return nil
	}
	a.looking.Lock()
	defer a.looking.Unlock()
	kept, err := a.o.Store.Deliveries(ctx)
	if err != nil {
		return err
	}
	if added := a.raise(kept, standings); len(added) > 0 {
		if err := a.o.Store.Record(ctx, a.o.Now().UTC(), added); err != nil {
			return err
		}
		kept = append(kept, added...)
	}
	return a.deliver(ctx, kept)
}

// raise is a delivery over every channel for each alert that is new.
func (a *Alerts) raise(kept []stats.Delivery, standings []Standing) []stats.Delivery {
	last := map[string]stats.Alert{}
	for _, d := range kept {
		if d.Number >= last[d.Source].Number {
			last[d.Source] = d.Alert
		}
	}
	var added []stats.Delivery
	for _, alert := range Decide(last, standings, a.o.Now(), a.o.Zone) {
		for name := range a.channels {
			added = append(added, stats.Delivery{Alert: alert, Channel: name})
		}
	}
	return added
}

// deliver sends what is due, the channels side by side.
func (a *Alerts) deliver(ctx context.Context, kept []stats.Delivery) error {
	var wait sync.WaitGroup
	faults := make(chan error, len(a.channels))
	for _, c := range a.channels {
		wait.Go(func() {
			if err := a.over(ctx, c, kept); err != nil {
				faults <- err
			}
		})
	}
	wait.Wait()
	close(faults)
	var all []error
	for err := range faults {
		all = append(all, err)
	}
	return errors.Join(all...)
}

// over sends what is due over one channel, oldest first, so that a recovery
// never comes before what it is from. It stops at the first that fails: the
// channel is down, and the rest can wait.
func (a *Alerts) over(ctx context.Context, c channel, kept []stats.Delivery) error {
	waiting := map[string]bool{} // sources with an alert that is not due yet
	for _, d := range kept {
		if d.Channel != c.name || !d.SentAt.IsZero() || waiting[d.Source] {
			continue
		}
		// Less than nothing is a clock that went back.
		if waited := a.o.Now().Sub(d.TriedAt); waited >= 0 && waited < pause(d.Attempts) {
			waiting[d.Source] = true
			continue
		}
		problem := c.send(ctx, d.Alert)
		if problem != nil && ctx.Err() != nil {
			return nil // the program is ending: the next one goes on
		}
		d.Attempts, d.TriedAt = d.Attempts+1, a.o.Now().UTC()
		if problem == nil {
			d.SentAt, d.Problem = d.TriedAt, ""
		} else {
			d.Problem = problem.Error()
			a.o.Log.Warn("an alert could not be sent and will be tried again", "alert", d.ID, "channel", c.name, "attempts", d.Attempts, "problem", d.Problem)
		}
		// Not ctx alone: what was sent must be kept even if the program ends now.
		if err := a.o.Store.Record(context.WithoutCancel(ctx), d.TriedAt, []stats.Delivery{d}); err != nil {
			return fmt.Errorf("after alert %s over %s: %w", d.ID, c.name, err)
		}
		if problem != nil {
			return nil
		}
		a.o.Log.Info("alert sent", "alert", d.ID, "channel", c.name)
	}
	return nil
}

// pause is how long a delivery waits after so many attempts: a minute, then
// twice as long each time, up to an hour.
func pause(attempts uint32) time.Duration {
	if attempts == 0 {
		return 0
	}
	return min(time.Minute<<min(attempts-1, 10), time.Hour)
}
