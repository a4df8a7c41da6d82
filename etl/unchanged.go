package etl

import (
	"context"
	"fmt"

	"stalkstats/etl/load"
	"stalkstats/etl/source"
	"stalkstats/internal/stats"
)

// A finding says whether there is nothing to load.
type finding struct {
	same  bool
	known bool   // it is the file that was read last from its place
	waits string // the run that was held with it and waits to be accepted
	says  string // what whoever sent the file must know
}

func (e *ETL) unchanged(ctx context.Context, t *task, snap source.Snapshot, print string) (finding, error) {
	if t.again {
		return finding{}, nil
	}
	if t.o.OnlyNew {
		last, err := load.LastRead(ctx, e.conn, t.src.Name, snap.From)
		if err != nil || last == snap.SHA256 {
			return finding{same: true, known: true}, err
		}
		first, tried, err := load.Tried(ctx, e.conn, t.src.Name, snap.From, snap.SHA256)
		if err != nil {
			return finding{}, err
		}
		if tried.Outcome == stats.Held {
			return finding{same: true, known: true, waits: tried.ID}, nil
		}
		if tried.ID != "" && tried.Outcome != stats.Published && tried.Outcome != stats.Unchanged {
			t.heldAt = first
		}
		if last == "" {
			if f, err := e.published(ctx, t, snap); err != nil || f.same {
				return f, err
			}
		}
	}
	same, err := load.Serves(ctx, e.conn, t.src.Name, print)
	return finding{same: same}, err
}

// published says that a file which is new at its place was published from
// another before: an old file must not come back over a newer one because
// somebody has renamed it.
func (e *ETL) published(ctx context.Context, t *task, snap source.Snapshot) (finding, error) {
	before, err := load.PublishedBefore(ctx, e.conn, t.src.Name, snap.SHA256)
	if err != nil || before.ID == "" {
		return finding{}, err
	}
	return finding{same: true, says: fmt.Sprintf("it was published before, as %s: to serve it again, replay run %s", before.File, before.ID)}, nil
}
