package pieces

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	chproto "github.com/ClickHouse/ch-go/proto"
	chgo "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"

	"stalkstats/internal/clickhouse"
)

// Export writes the rows of a piece in ClickHouse's format Native, which names its
// columns and their types, and which every ClickHouse reads.
func (t Table) Export(ctx context.Context, db *clickhouse.DB, key string, moment Moment, w io.Writer) error {
	sql := "SELECT " + t.names() + " FROM " + t.Name + " WHERE " + t.key + " = {piece:String} AND " + t.published()
	if t.order != "" {
		sql += " ORDER BY " + t.order
	}
	args := []any{moment.named(), chgo.Named("piece", key)}
	send := sent
	if db.Server() {
		send = scanned
	}
	if err := send(ctx, db, w, sql, args); err != nil {
		return fmt.Errorf("read the rows of %s: %w", t.Name, err)
	}
	return nil
}

// sent passes on what the engine in a process of ours writes.
func sent(ctx context.Context, db *clickhouse.DB, w io.Writer, sql string, args []any) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	body, err := db.QueryFormat(ctx, "Native", sql, args...)
	if err != nil {
		return err
	}
	defer body.Close()
	_, err = io.Copy(w, body)
	return err
}

// Blocks of an answer that is read row by row have at most so many rows, and about so
// many bytes of text.
const (
	blockRows  = 8192
	blockBytes = 8 << 20
)

// scanned writes an answer that is read row by row: a server's own protocol hands out
// nothing else.
func scanned(ctx context.Context, db *clickhouse.DB, w io.Writer, sql string, args []any) error {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var names, kinds []string
	var targets []any
	for _, c := range rows.ColumnTypes() {
		names, kinds = append(names, c.Name()), append(kinds, c.DatabaseTypeName())
		targets = append(targets, reflect.New(c.ScanType()).Interface())
	}
	block, err := emptyBlock(names, kinds)
	if err != nil {
		return err
	}
	bytes, values := 0, make([]any, len(targets))
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		for i, target := range targets {
			values[i] = reflect.ValueOf(target).Elem().Interface()
			if text, ok := values[i].(string); ok {
				bytes += len(text)
			}
		}
		if err := block.Append(values...); err != nil {
			return err
		}
		if block.Rows() < blockRows && bytes < blockBytes {
			continue
		}
		if err := write(w, block); err != nil {
			return err
		}
		if block, err = emptyBlock(names, kinds); err != nil {
			return err
		}
		bytes = 0
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return write(w, block)
}

func emptyBlock(names, kinds []string) (*proto.Block, error) {
	block := proto.NewBlock()
	for i, name := range names {
		if err := block.AddColumn(name, column.Type(kinds[i])); err != nil {
			return nil, err
		}
	}
	return block, nil
}

func write(w io.Writer, block *proto.Block) error {
	if block.Rows() == 0 {
		return nil
	}
	var buffer chproto.Buffer
	if err := block.Encode(&buffer, 0); err != nil {
		return err
	}
	_, err := w.Write(buffer.Buf)
	return err
}

// Import puts rows that Export wrote, of any number of pieces one after the other, into the
// table. The columns must be the table's.
func (t Table) Import(ctx context.Context, db *clickhouse.DB, r io.Reader) error {
	take := db.InsertFormat
	if db.Server() {
		take = func(ctx context.Context, _, sql string, r io.Reader) error { return batches(ctx, db, sql, r) }
	}
	if err := take(ctx, "Native", "INSERT INTO "+t.Name+" ("+t.names()+")", r); err != nil {
		return fmt.Errorf("write the rows of %s: %w", t.Name, err)
	}
	return nil
}

// batches sends rows block by block: a server's own protocol takes nothing else.
func batches(ctx context.Context, db *clickhouse.DB, sql string, r io.Reader) error {
	for reader := chproto.NewReader(r); ; {
		if err := insert(ctx, db, sql, reader); errors.Is(err, errEnd) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// errEnd is the end of the rows, between two blocks.
var errEnd = errors.New("the end of the rows")

// insert sends one block. Its columns are read into those of the insert as they stand,
// which is many times as fast as value by value.
func insert(ctx context.Context, db *clickhouse.DB, sql string, reader *chproto.Reader) error {
	columns, err := reader.UVarInt()
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return errEnd
	}
	if err != nil {
		return err
	}
	rows, err := reader.UVarInt()
	if err != nil {
		return err
	}
	batch, err := db.PrepareBatch(ctx, sql)
	if err != nil {
		return err
	}
	defer batch.Close()
	if n := len(batch.Columns()); columns != uint64(n) {
		return fmt.Errorf("%d columns where %d are expected", columns, n)
	}
	for _, c := range batch.Columns() {
		if err := decode(reader, c, int(rows)); err != nil {
			return err
		}
	}
	return batch.Send()
}

// sameType compares types as ClickHouse writes them: long ones come over several lines, or
// not, by which statement asks.
func sameType(a, b string) bool {
	return strings.Join(strings.Fields(a), "") == strings.Join(strings.Fields(b), "")
}

func decode(reader *chproto.Reader, c column.Interface, rows int) error {
	name, err := reader.Str()
	if err != nil {
		return err
	}
	kind, err := reader.Str()
	if err != nil {
		return err
	}
	if name != c.Name() || !sameType(kind, string(c.Type())) {
		return fmt.Errorf("a column %s %s where %s %s is expected", name, kind, c.Name(), c.Type())
	}
	if rows == 0 {
		return nil
	}
	if prefixed, ok := c.(column.CustomSerialization); ok {
		if err := prefixed.ReadStatePrefix(reader); err != nil {
			return err
		}
	}
	return c.Decode(reader, rows)
}
