package published

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"stalkstats/dashboard/disclosure"
)

// TestAReaderNeedNotWait: while a publication is being made, a reader whose time is over
// is told so, and does not stand in line.
func TestAReaderNeedNotWait(t *testing.T) {
	k := NewKeeper(nil, disclosure.Rules{}, time.Now, slog.New(slog.DiscardHandler))
	k.making <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := k.At(ctx, time.Time{}); !errors.Is(err, context.Canceled) {
		t.Errorf("the answer is %v", err)
	}
}
