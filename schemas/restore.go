package schemas

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// ErrRestoring: a restore into the tables has not come to its end.
var ErrRestoring = errors.New("a restore into these tables was broken off, so they are not whole: run `stalkstats restore` again, which begins anew")

// ErrNewer: a newer program made the tables.
var ErrNewer = errors.New("the tables are of a newer stalkstats")

// restoring is a table that is there while tables are restored. It is no migration: it
// must be there before the first and go after the last.
const restoring = "restoring"

// restored is nil unless a restore was broken off.
func restored(ctx context.Context, conn driver.Conn) error {
	there, err := exists(ctx, conn, restoring)
	if err == nil && there {
		return ErrRestoring
	}
	return err
}

// Applied is the migrations that were applied to the tables, in order, whatever version
// of the program did so, each with its number and hash alone. It refuses what Apply
// refuses, and tables of which a step is missing.
func Applied(ctx context.Context, conn driver.Conn) ([]Migration, error) {
	if err := restored(ctx, conn); err != nil {
		return nil, err
	}
	there, err := exists(ctx, conn, "schema_migrations")
	if err != nil || !there {
		return nil, err
	}
	done, err := recorded(ctx, conn)
	if err != nil {
		return nil, err
	}
	var steps []Migration
	for number, sum := range done {
		steps = append(steps, Migration{Number: number, SHA256Hex: sum})
	}
	slices.SortFunc(steps, func(a, b Migration) int { return cmp.Compare(a.Number, b.Number) })
	return steps, Check(steps)
}

// Check refuses steps that this program cannot go on from: those of a newer one, others
// than its own, and such of which one is missing.
func Check(steps []Migration) error {
	all, err := Migrations()
	if err != nil {
		return err
	}
	done := map[uint32]string{}
	for i, s := range steps {
		if s.Number != uint32(i+1) {
			return fmt.Errorf("step %d of the tables does not follow step %d: run `stalkstats migrate` first", s.Number, i)
		}
		done[s.Number] = s.SHA256Hex
	}
	return compare(all, done)
}

var made = regexp.MustCompile(`^(?:--[^\n]*\n)*CREATE (?:OR REPLACE )?(TABLE|VIEW) (?:IF NOT EXISTS )?(\w+)`)

// relations is every table and view that the migrations make, and which it is.
func relations() (map[string]string, error) {
	all, err := Migrations()
	if err != nil {
		return nil, err
	}
	found := map[string]string{restoring: "TABLE"}
	for _, m := range all {
		if parts := made.FindStringSubmatch(m.SQL); parts != nil {
			found[parts[2]] = parts[1]
		}
	}
	return found, nil
}

// Restore makes the tables as the given steps left them, lets them be filled, and takes
// them on to the newest. Until all that has gone well the tables are refused to everybody
// else. Tables that are there are removed first: whoever calls has made sure that they hold
// nothing, or are what an earlier restore has left.
func Restore(ctx context.Context, conn driver.Conn, steps []Migration, fill, check func() error) (applied int, err error) {
	if err := Check(steps); err != nil {
		return 0, err
	}
	if len(steps) == 0 {
		return 0, errors.New("it is not known which tables there were")
	}
	if err := conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS "+restoring+" (began DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY began"); err != nil {
		return 0, fmt.Errorf("begin to restore: %w", err)
	}
	if err := drop(ctx, conn); err != nil {
		return 0, err
	}
	if _, err := applyUpTo(ctx, conn, steps[len(steps)-1].Number); err != nil {
		return 0, err
	}
	if err := fill(); err != nil {
		return 0, err
	}
	if applied, err = applyUpTo(ctx, conn, 0); err != nil {
		return 0, err
	}
	if err := check(); err != nil {
		return 0, err
	}
	if err := conn.Exec(ctx, "DROP TABLE "+restoring+" SYNC"); err != nil {
		return 0, fmt.Errorf("end the restore: %w", err)
	}
	return applied, nil
}

// drop removes every table and view but the one that says that they are being restored.
func drop(ctx context.Context, conn driver.Conn) error {
	found, err := relations()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if name == restoring {
			continue
		}
		if err := conn.Exec(ctx, "DROP "+found[name]+" IF EXISTS "+name+" SYNC"); err != nil {
			return fmt.Errorf("remove what stands where it is restored to: %w", err)
		}
	}
	return nil
}

// Holding is how many rows stand in each table, without the record of migrations; tables
// that hold nothing are left out. Of what a restore that was broken off has left it says
// nothing: that is nobody's.
func Holding(ctx context.Context, conn driver.Conn) (map[string]uint64, error) {
	if err := restored(ctx, conn); errors.Is(err, ErrRestoring) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	names, err := relations()
	if err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, "SELECT name, ifNull(total_rows, 0) FROM system.tables WHERE database = currentDatabase() AND total_rows > 0")
	if err != nil {
		return nil, fmt.Errorf("look for what the tables hold: %w", err)
	}
	defer rows.Close()
	found := map[string]uint64{}
	for rows.Next() {
		var name string
		var n uint64
		if err := rows.Scan(&name, &n); err != nil {
			return nil, fmt.Errorf("look for what the tables hold: %w", err)
		}
		if names[name] == "TABLE" && name != "schema_migrations" {
			found[name] = n
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look for what the tables hold: %w", err)
	}
	return found, nil
}
