package schemas_test

import (
	"context"
	"errors"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/schemas"
)

// mortal is a connection of a process that is killed after so many statements.
type mortal struct {
	driver.Conn
	left int
}

var errKilled = errors.New("killed")

func (m *mortal) Exec(ctx context.Context, sql string, args ...any) error {
	if m.left--; m.left < 0 {
		return errKilled
	}
	return m.Conn.Exec(ctx, sql, args...)
}

func (m *mortal) PrepareBatch(ctx context.Context, sql string, o ...driver.PrepareBatchOption) (driver.Batch, error) {
	if m.left <= 0 {
		return nil, errKilled
	}
	return m.Conn.PrepareBatch(ctx, sql, o...)
}

// TestKilledBetweenSteps: a process that is killed between two steps, before it could record
// those that it took, leaves tables that the next one brings to the newest state. After every
// third statement is enough: what cannot be taken again stays so until the end.
func TestKilledBetweenSteps(t *testing.T) {
	all, err := schemas.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	whole := clickhousetest.Open(t)
	if _, err := schemas.Apply(t.Context(), whole); err != nil {
		t.Fatal(err)
	}
	want := structures(t, whole)
	for statements := len(all) + 1; statements > 0; statements -= 3 { // the first is made twice
		conn := clickhousetest.Open(t)
		if _, err := schemas.Apply(t.Context(), &mortal{conn, statements}); !errors.Is(err, errKilled) {
			t.Fatalf("killed after %d statements: error %v", statements, err)
		}
		if _, err := schemas.Apply(t.Context(), conn); err != nil {
			t.Errorf("after a kill after %d statements: %v", statements, err)
			continue
		}
		if diff := cmp.Diff(want, structures(t, conn)); diff != "" {
			t.Errorf("after a kill after %d statements the tables are others (-want +got):\n%s", statements, diff)
		}
	}
}
