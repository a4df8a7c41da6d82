// Package schemas holds the tables: numbered migrations, applied in order and
// forward only, and the reference data that comes with the program. README.md
// beside this file is the data dictionary.
package schemas

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

//go:embed reference/*.csv
var referenceFiles embed.FS

// Reference is the reference data in the program: areas.csv, measures.csv and
// series_breaks.csv. They are loaded like any other source.
func Reference() fs.FS {
	sub, err := fs.Sub(referenceFiles, "reference")
	if err != nil {
		panic(err) // the folder's name is a constant that the embedding checked
	}
	return sub
}

// Areas is the areas in the program's own reference data: their codes, names, kinds and
// aliases.
func Areas() (*stats.Areas, error) {
	f, err := Reference().Open("areas.csv")
	if err != nil {
		return nil, fmt.Errorf("open the areas: %w", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the areas: %w", err)
	}
	var list []stats.Area
	for _, row := range rows[1:] {
		list = append(list, stats.Area{Code: row[0], Name: row[1], Kind: stats.AreaKind(row[3]), Aliases: strings.FieldsFunc(row[5], func(c rune) bool { return c == '|' })})
	}
	return stats.NewAreas(list), nil
}

// ForceCodes is the ONS codes of the police force areas in the program's own
// reference data.
func ForceCodes() ([]string, error) {
	areas, err := Areas()
	if err != nil {
		return nil, err
	}
	var codes []string
	for _, area := range areas.All() {
		if _, ok := areas.Force(area.Code); ok {
			codes = append(codes, area.Code)
		}
	}
	return codes, nil
}

// A Migration is one idempotent statement that takes the schema one step on.
type Migration struct {
	Number    uint32
	Name      string
	SQL       string
	SHA256Hex string
}

var fileName = regexp.MustCompile(`^(\d{4})_([a-z0-9_]+)\.sql$`)

// Migrations is every migration in order. Numbers start at 1 without a gap.
func Migrations() ([]Migration, error) {
	entries, err := fs.ReadDir(migrationFiles, "migrations")
	if err != nil {
		return nil, fmt.Errorf("list the migrations: %w", err)
	}
	var all []Migration
	for i, entry := range entries {
		m := fileName.FindStringSubmatch(entry.Name())
		if m == nil {
			return nil, fmt.Errorf("migration %s: the name must be NNNN_what.sql", entry.Name())
		}
		number, _ := strconv.Atoi(m[1])
		if number != i+1 {
			return nil, fmt.Errorf("migration %s: the number after %04d must be %04d", entry.Name(), i, i+1)
		}
		text, err := fs.ReadFile(migrationFiles, "migrations/"+entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", entry.Name(), err)
		}
		sum := sha256.Sum256(text)
		all = append(all, Migration{uint32(number), m[2], string(text), hex.EncodeToString(sum[:])})
	}
	return all, nil
}

// Apply takes the database from any earlier state to the newest and says how
// many steps that took; a second run takes none. It refuses a database that a
// newer program has been at, and one whose applied steps were others.
func Apply(ctx context.Context, conn driver.Conn) (applied int, err error) {
	if err := restored(ctx, conn); err != nil {
		return 0, err
	}
	return applyUpTo(ctx, conn, 0)
}

// applyUpTo stops after the migration with that number; 0: it does not stop.
func applyUpTo(ctx context.Context, conn driver.Conn, last uint32) (applied int, err error) {
	all, err := Migrations()
	if err != nil {
		return 0, err
	}
	// The first migration makes the table in which all are recorded, so it runs before
	// there is anything to ask. Where it is there nothing is made: who has no step to take
	// needs no right to.
	there, err := exists(ctx, conn, "schema_migrations")
	if err != nil {
		return 0, err
	}
	if !there {
		if err := conn.Exec(ctx, all[0].SQL); err != nil {
			return 0, fmt.Errorf("prepare the record of migrations: %w", err)
		}
	}
	done, err := recorded(ctx, conn)
	if err != nil {
		return 0, err
	}
	if err := compare(all, done); err != nil {
		return 0, err
	}
	var steps []Migration
	for _, m := range all {
		if _, ok := done[m.Number]; !ok && (last == 0 || m.Number <= last) {
			steps = append(steps, m)
		}
	}
	if err := take(ctx, conn, steps); err != nil {
		return 0, err
	}
	return len(steps), nil
}

// take takes steps and records them. Should the process end before the record, they are taken
// again. That changes nothing, but for steps before one that puts another table in the place of
// theirs, which may not know what they ask for: those are recorded first.
func take(ctx context.Context, conn driver.Conn, steps []Migration) error {
	done := 0 // recorded
	for i, m := range steps {
		if strings.HasPrefix(m.SQL, "CREATE OR REPLACE") {
			if err := record(ctx, conn, steps[done:i]); err != nil {
				return err
			}
			done = i
		}
		if err := conn.Exec(ctx, m.SQL); err != nil {
			err = fmt.Errorf("apply migration %04d_%s: %w", m.Number, m.Name, err)
			return errors.Join(err, record(ctx, conn, steps[done:i]))
		}
	}
	return record(ctx, conn, steps[done:])
}

// record writes which steps were taken, in one insert: an insert waits for the
// disk.
func record(ctx context.Context, conn driver.Conn, steps []Migration) error {
	if len(steps) == 0 {
		return nil
	}
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO schema_migrations (number, name, sha256, applied_at)")
	if err != nil {
		return fmt.Errorf("record the migrations: %w", err)
	}
	defer batch.Close()
	now := time.Now().UTC()
	for _, m := range steps {
		if err := batch.Append(m.Number, m.Name, m.SHA256Hex, now); err != nil {
			return fmt.Errorf("record migration %04d_%s: %w", m.Number, m.Name, err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("record the migrations: %w", err)
	}
	return nil
}

// Pending is how many migrations are still to be applied; 0 means the schema
// is current. A database that was never migrated has all of them pending.
func Pending(ctx context.Context, conn driver.Conn) (int, error) {
	all, err := Migrations()
	if err != nil {
		return 0, err
	}
	if err := restored(ctx, conn); err != nil {
		return 0, err
	}
	there, err := exists(ctx, conn, "schema_migrations")
	if err != nil {
		return 0, err
	}
	if !there {
		return len(all), nil
	}
	done, err := recorded(ctx, conn)
	if err != nil {
		return 0, err
	}
	if err := compare(all, done); err != nil {
		return 0, err
	}
	return len(all) - len(done), nil
}

func exists(ctx context.Context, conn driver.Conn, table string) (bool, error) {
	var there uint8
	if err := conn.QueryRow(ctx, "EXISTS TABLE "+table).Scan(&there); err != nil {
		return false, fmt.Errorf("look for the table %s: %w", table, err)
	}
	return there == 1, nil
}

func recorded(ctx context.Context, conn driver.Conn) (map[uint32]string, error) {
	rows, err := conn.Query(ctx, "SELECT number, any(sha256) FROM schema_migrations GROUP BY number ORDER BY number")
	if err != nil {
		return nil, fmt.Errorf("read the record of migrations: %w", err)
	}
	defer rows.Close()
	done := map[uint32]string{}
	for rows.Next() {
		var number uint32
		var sum string
		if err := rows.Scan(&number, &sum); err != nil {
			return nil, fmt.Errorf("read the record of migrations: %w", err)
		}
		done[number] = sum
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the record of migrations: %w", err)
	}
	return done, nil
}

func compare(all []Migration, done map[uint32]string) error {
	for number, sum := range done {
		if int(number) > len(all) {
			return fmt.Errorf("%w (step %d; this one knows %d): use that version", ErrNewer, number, len(all))
		}
		if all[number-1].SHA256Hex != sum {
			return fmt.Errorf("migration %04d_%s is not the one that was applied to these tables: use the version of stalkstats that made them", number, all[number-1].Name)
		}
	}
	return nil
}
