package clickhouse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"

	"github.com/ClickHouse/ch-go/proto"
	chgo "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// rowsOfBlock is how many rows of a server's answer make one block.
const rowsOfBlock = 8192

// Blocks runs a question of which the answer is large, and fills the columns
// with one block of it after the other; each time it yields how many rows the
// block has. The columns stand in the order of the question's. An error ends the
// sequence, and so does ctx; a caller who stops early stops the question.
//
// The engine in a process of ours sends columns, which are taken as they come:
// to scan each cell of millions of rows costs many times what the engine takes
// to find them. A server's answer is scanned, since the driver hands out nothing
// else of its native protocol.
func Blocks(ctx context.Context, conn driver.Conn, sql string, columns []Column, parameters ...any) iter.Seq2[int, error] {
	if db, ok := conn.(*DB); !ok || db.server {
		return scanned(ctx, conn, sql, columns, parameters...)
	}
	return sent(ctx, conn, sql, columns, parameters...)
}

// sent is the blocks as the engine sends them, in its Native format.
func sent(ctx context.Context, conn driver.Conn, sql string, columns []Column, parameters ...any) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		body, err := conn.QueryFormat(ctx, "Native", sql, parameters...)
		if err != nil {
			cancel()
			yield(0, plain(err))
			return
		}
		defer func() {
			cancel() // closing would read on for a while
			_ = body.Close()
		}()
		results := make(proto.Results, len(columns))
		for i, c := range columns {
			results[i].Data = c
		}
		for reader := proto.NewReader(body); ; {
			block, err := nextBlock(reader, results)
			if errors.Is(err, errEnd) {
				return
			}
			if err != nil {
				if ctx.Err() != nil {
					err = ctx.Err()
				}
				yield(0, plain(err))
				return
			}
			if block.Rows > 0 && !yield(block.Rows, nil) {
				return
			}
		}
	}
}

// errEnd is the end of an answer that is whole. One that ends anywhere but
// between two blocks is broken off.
var errEnd = errors.New("the end of the answer")

// nextBlock reads a block at revision 0, which is what the embedded engine
// writes: the number of columns, that of rows, and each column.
func nextBlock(reader *proto.Reader, results proto.Results) (block proto.Block, err error) {
	if block.Columns, err = reader.Int(); errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return block, errEnd
	}
	if err == nil {
		block.Rows, err = reader.Int()
	}
	if err == nil && block.Columns != len(results) {
		return block, brokenOff(reader)
	}
	if err == nil {
		err = results.DecodeResult(reader, 0, block)
	}
	if err != nil {
		return block, fmt.Errorf("read a block: %w", err)
	}
	return block, nil
}

// told is what stands where a block would, if a statement failed in the middle:
// the rest of a line end, a mark, a tag of the answer's, and the error.
var told = regexp.MustCompile(`(?s)^__exception__\r\n\w+\r\n(.*)\n\d+ \w+\r\n`)

// brokenOff is the error that the engine wrote into an answer, after the first
// two bytes of the frame have been taken for numbers of columns and rows.
func brokenOff(reader io.Reader) error {
	rest, err := io.ReadAll(io.LimitReader(reader, mostTold))
	found := told.FindSubmatch(rest)
	if found == nil {
		return fmt.Errorf("read a block: it has other columns than were asked for: %w", cmp.Or(err, io.ErrUnexpectedEOF))
	}
	exception := &chgo.Exception{Message: string(found[1])}
	_, _ = fmt.Sscanf(exception.Message, "Code: %d.", &exception.Code) // it says everything in words too
	return exception
}

// mostTold is how long an error is at most, in bytes.
const mostTold = 64 << 10

// scanned is the blocks of an answer that is read row by row.
func scanned(ctx context.Context, conn driver.Conn, sql string, columns []Column, parameters ...any) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		rows, err := conn.Query(ctx, sql, parameters...)
		if err != nil {
			cancel()
			yield(0, err)
			return
		}
		defer func() {
			cancel()
			_ = rows.Close()
		}()
		targets := make([]any, len(columns))
		for i, c := range columns {
			targets[i] = c.target()
		}
		for n := 0; ; n++ {
			more := rows.Next()
			if err := rows.Err(); err != nil {
				yield(0, err)
				return
			}
			if n == rowsOfBlock || !more {
				if n > 0 && !yield(n, nil) || !more {
					return
				}
				n = 0
			}
			if n == 0 {
				for _, c := range columns {
					c.Reset()
				}
			}
			if err := rows.Scan(targets...); err != nil {
				yield(0, err)
				return
			}
			for _, c := range columns {
				c.take()
			}
		}
	}
}
