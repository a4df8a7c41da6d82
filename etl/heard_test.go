package etl_test

import (
	"context"
	"log/slog"
	"testing"
	"time"
)

// heard is a log that listens for one message, so that a test waits for what
// happens and does not ask again and again.
type heard struct {
	slog.Handler
	message, key string
	told         chan string // the attribute of that key; empty where there is no key
}

func hear(message, key string) heard {
	return heard{slog.DiscardHandler, message, key, make(chan string, 1000)}
}

// Enabled implements slog.Handler.
func (h heard) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements slog.Handler.
func (h heard) Handle(_ context.Context, r slog.Record) error {
	if r.Message != h.message {
		return nil
	}
	value := ""
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == h.key {
			value = a.Value.String()
		}
		return true
	})
	h.told <- value
	return nil
}

// wait waits until the message tells of one thing; of any where none is named.
func (h heard) wait(t *testing.T, value string) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case got := <-h.told:
			if value == "" || got == value {
				return
			}
		case <-limit:
			t.Fatalf("the log never says %q of %q", h.message, value)
		}
	}
}
