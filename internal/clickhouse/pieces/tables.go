// Package pieces takes the rows of a database's tables out and puts them into
// another, piece by piece, over the driver: so it is one way for a server and for
// the embedded engine, and for every version of either.
//
//	Tables → Pieces (which there are, with a hash of their rows) → Export → Import
//
// A piece is the rows of one release, or of one month, of one table. What has been
// published does not change any more, so most pieces stay what they are for ever, and
// their hash tells.
package pieces

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	chgo "github.com/ClickHouse/clickhouse-go/v2"

	"stalkstats/internal/clickhouse"
)

// A Column is one of a table's, with its type as ClickHouse writes it.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// A Table is one that keeps rows.
type Table struct {
	Name    string
	Columns []Column

	order string // by which its rows are sorted, in SQL
	key   string // what names a row's piece, in SQL
	early bool   // from before there were publications
}

// A Piece is some rows of a table.
type Piece struct {
	Key  string
	Rows uint64
	Hash string // of all values in all rows, in whatever order they stand
}

// Moment is the newest publication that is taken along: rows of a release that was not
// published by then are left out.
type Moment struct{ time.Time }

// publications is the table that says which release serves what.
const publications = "published"

// identified is the columns that name what a row was made with, once for all: no row is
// added to it later. The first that a table has divides it.
var identified = []string{"release_id", "publication_id", "permalink_id"}

// Tables is those of the named tables that the database has and that keep rows on the
// disk, in the order of the names.
func Tables(ctx context.Context, db *clickhouse.DB, names []string) ([]Table, error) {
	found, err := db.Query(ctx, "SELECT name, sorting_key FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("look for the tables: %w", err)
	}
	defer found.Close()
	var all []Table
	early := true
	for found.Next() {
		var t Table
		if err := found.Scan(&t.Name, &t.order); err != nil {
			return nil, fmt.Errorf("look for the tables: %w", err)
		}
		if t.Name == publications {
			early = false
		}
		if slices.Contains(names, t.Name) {
			all = append(all, t)
		}
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("look for the tables: %w", err)
	}
	for i := range all {
		all[i].early = early
		if err := all[i].describe(ctx, db); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b Table) int { return slices.Index(names, a.Name) - slices.Index(names, b.Name) })
	return all, nil
}

// describe finds the columns of a table, and by which of them it is divided.
func (t *Table) describe(ctx context.Context, db *clickhouse.DB) error {
	rows, err := db.Query(ctx, "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String} "+
		"AND default_kind NOT IN ('ALIAS', 'MATERIALIZED', 'EPHEMERAL') ORDER BY position", chgo.Named("table", t.Name))
	if err != nil {
		return fmt.Errorf("look for the columns of %s: %w", t.Name, err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Column
		if err := rows.Scan(&c.Name, &c.Type); err != nil {
			return fmt.Errorf("look for the columns of %s: %w", t.Name, err)
		}
		t.Columns = append(t.Columns, c)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("look for the columns of %s: %w", t.Name, err)
	}
	return t.divide()
}

// divide chooses the pieces: the rows of a month where a table knows when they came, else
// the rows of what they were made with, else the month of the run in whose id it stands.
func (t *Table) divide() error {
	var months, ids []string
	for _, c := range t.Columns {
		if !columnName.MatchString(c.Name) {
			return fmt.Errorf("the table %s has a column %q, which no stalkstats has made", t.Name, c.Name)
		}
		if strings.HasPrefix(c.Type, "DateTime64(") {
			months = append(months, c.Name)
		}
		if slices.Contains(identified, c.Name) {
			ids = append(ids, c.Name)
		}
	}
	switch {
	case len(months) > 0:
		t.key = "toString(toYYYYMM(" + months[0] + "))"
	case len(ids) > 0:
		t.key = ids[0]
	case t.Has("run_id"):
		t.key = "substring(toString(run_id), 1, 6)"
	default:
		t.key = "''"
	}
	return nil
}

var columnName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Has reports whether the table has a column.
func (t Table) Has(column string) bool {
	return slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == column })
}

// names is the columns, for SQL.
func (t Table) names() string {
	var names []string
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

// published leaves out the rows of releases that were not published by the moment, and
// later publications.
func (t Table) published() string {
	switch {
	case t.early:
		return "1"
	case t.Name == publications:
		return "published_at <= {moment:DateTime64(6, 'UTC')}"
	case t.Has("release_id") && slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == "slice" || c.Name == "fingerprint" }):
		return "release_id IN (SELECT release_id FROM published WHERE published_at <= {moment:DateTime64(6, 'UTC')})"
	}
	return "1"
}

// hash is that of a row: over all its values as text, since not every function takes
// every type, and a type may be widened.
func hash(columns string) string { return "sipHash64(toString(tuple(" + columns + ")))" }

// Pieces is what a table consists of, in order; or, where keys are given, those of them that
// have a row.
func (t Table) Pieces(ctx context.Context, db *clickhouse.DB, moment Moment, keys ...string) ([]Piece, error) {
	where, args := t.published(), []any{moment.named()}
	if len(keys) > 0 {
		where += " AND " + t.key + " IN {keys:Array(String)}"
		args = append(args, chgo.Named("keys", keys))
	}
	sql := "SELECT piece_key, count(), hex(sum(row_hash)), hex(groupBitXor(row_hash)) FROM (SELECT toString(" + t.key + ") AS piece_key, " + hash(t.names()) +
		" AS row_hash FROM " + t.Name + " WHERE " + where + ") GROUP BY piece_key ORDER BY piece_key"
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("look at the rows of %s: %w", t.Name, err)
	}
	defer rows.Close()
	var all []Piece
	for rows.Next() {
		var p Piece
		var sum, xor string
		if err := rows.Scan(&p.Key, &p.Rows, &sum, &xor); err != nil {
			return nil, fmt.Errorf("look at the rows of %s: %w", t.Name, err)
		}
		p.Hash = strings.ToLower(sum + "-" + xor)
		all = append(all, p)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look at the rows of %s: %w", t.Name, err)
	}
	return all, nil
}

func (m Moment) named() any {
	at := m.Time
	if at.IsZero() {
		at = time.Unix(0, 0)
	}
	return chgo.DateNamed("moment", at.UTC(), chgo.MicroSeconds)
}

// Rows is about how many rows the whole database has.
func Rows(ctx context.Context, db *clickhouse.DB) (rows uint64, err error) {
	if err := db.QueryRow(ctx, "SELECT ifNull(sum(total_rows), 0) FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'").Scan(&rows); err != nil {
		return 0, fmt.Errorf("count the rows: %w", err)
	}
	return rows, nil
}
