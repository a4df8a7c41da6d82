package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// insertBuffer is how much of an insert's rows is handed to the engine at
// once, in bytes.
const insertBuffer = 256 << 10

// stream runs a statement that returns rows and passes its blocks on as they
// come, so the memory needed does not grow with the result. The first one is
// fetched before the answer: most errors show by then, and get a status.
func (j *job) stream() error {
	lib, conn := j.conn.lib, *j.conn.handle
	stream := j.r.call(lib.stream, conn)
	defer lib.destroy(stream)
	if message := text(lib.resultError(stream)); message != "" {
		return engineError(message)
	}
	chunk, err := j.fetch(stream)
	if err != nil {
		return err
	}
	defer func() { lib.destroy(chunk) }()
	if lib.resultLength(chunk) == 0 {
		j.reply(respond(j.req, http.StatusOK, http.NoBody, 0), nil)
		return nil
	}
	tag := newTag()
	resp := respond(j.req, http.StatusOK, body{j.reader, j}, -1)
	resp.Header.Set("X-ClickHouse-Exception-Tag", tag)
	j.reply(resp, nil)
	for lib.resultLength(chunk) > 0 {
		if _, err := j.writer.Write(lib.data(chunk)); err != nil {
			lib.cancel(conn, stream)
			return err
		}
		lib.destroy(chunk)
		if chunk, err = j.fetch(stream); err != nil {
			return j.breakOff(tag, err)
		}
	}
	return nil
}

// fetch gets the next blocks; a result of length 0 is the end. On an error
// there is nothing to destroy.
func (j *job) fetch(stream handle) (handle, error) {
	lib := j.conn.lib
	chunk := lib.fetch(*j.conn.handle, stream)
	if message := text(lib.resultError(chunk)); message != "" {
		lib.destroy(chunk)
		// A statement that failed holds on to its tables as long as its
		// connection is open: to drop one of them would wait for ever.
		j.conn.changed = true
		return 0, engineError(message)
	}
	return chunk, nil
}

// breakOff tells a reader in mid-stream of an error: by the frame from which
// the driver makes its exception, and by failing the next Read, so that the
// rows so far can never pass for the whole result.
func (j *job) breakOff(tag string, err error) error {
	var exception engineError
	if errors.As(err, &exception) {
		if _, err := j.writer.Write(frame(tag, exception)); err != nil {
			return err
		}
	}
	return fmt.Errorf("result broken off: %w", err)
}

// complete runs any other statement to its end before it answers, since the
// driver reads nothing but the status of it.
func (j *job) complete() error {
	lib := j.conn.lib
	began := time.Now()
	result := j.r.call(lib.query, *j.conn.handle)
	defer lib.destroy(result)
	j.core.changes.Add(1) // before anybody is told that it was done
	if message := text(lib.resultError(result)); message != "" {
		_ = j.conn.checkWritten(j.r.sql, began) // blocks that came before the one that failed
		return engineError(message)
	}
	if err := j.conn.checkWritten(j.r.sql, began); err != nil {
		return err
	}
	answer := bytes.Clone(lib.data(result))
	j.reply(respond(j.req, http.StatusOK, io.NopCloser(bytes.NewReader(answer)), int64(len(answer))), nil)
	return nil
}

// insert hands an insert's rows to the engine as they arrive. Without the
// proper end of the rows nothing is committed, except blocks of a million rows
// that the engine has written by then.
func (j *job) insert() error {
	lib, began := j.conn.lib, time.Now()
	insert := j.open()
	defer lib.insertDestroy(insert)
	defer j.core.changes.Add(1)
	if message := text(lib.insertError(insert)); message != "" {
		return engineError(message)
	}
	sent, err := j.send(insert)
	if err == nil && sent == 0 {
		// The driver sends no empty batch; it sends nothing when it could
		// not encode one, and would take a success for the rows'.
		err = refuse(108, "NO_DATA_TO_INSERT", "No data to insert")
	}
	if err == nil {
		err = context.Cause(j.ctx)
	}
	if err != nil {
		lib.insertCancel(insert)
		return err
	}
	result := lib.insertDone(insert)
	defer lib.destroy(result)
	j.core.changes.Add(1) // before anybody is told that it was done
	if message := text(lib.resultError(result)); message != "" {
		_ = j.conn.checkWritten(j.r.sql, began) // blocks that came before the one that failed
		return engineError(message)
	}
	if err := j.conn.checkWritten(j.r.sql, began); err != nil {
		return err
	}
	j.reply(respond(j.req, http.StatusOK, http.NoBody, 0), nil)
	return nil
}

// open begins the insert.
func (j *job) open() handle {
	sql, format := append([]byte(j.r.sql), 0), append([]byte(j.r.format), 0)
	return j.conn.lib.insert(*j.conn.handle, &sql[0], uintptr(len(j.r.sql)), &format[0], uintptr(len(j.r.format)))
}

// send copies the rows to the engine and returns how many bytes they were.
func (j *job) send(insert handle) (int64, error) {
	lib := j.conn.lib
	buffer := make([]byte, insertBuffer)
	var sent int64
	for {
		n, err := fill(j.r.rows, buffer)
		if n > 0 {
			sent += int64(n)
			if state := lib.insertAppend(insert, &buffer[0], uintptr(n)); state != 0 {
				return sent, engineError(text(lib.insertError(insert)))
			}
		}
		if errors.Is(err, io.EOF) {
			return sent, nil
		}
		if err != nil {
			return sent, fmt.Errorf("read the rows to insert: %w", err)
		}
	}
}

// fill reads until buffer is full or the reader says why not. Unlike
// io.ReadFull it keeps the reader's own error: io.ErrUnexpectedEOF is what a
// broken network connection gives, and must not pass for the rows' end.
func fill(rows io.Reader, buffer []byte) (int, error) {
	n := 0
	for n < len(buffer) {
		m, err := rows.Read(buffer[n:])
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
