package query

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// Ask writes down what somebody asks for. The scheduler takes it up.
func (r *Reader) Ask(ctx context.Context, q stats.Request) error {
	batch, err := r.conn.PrepareBatch(ctx, "INSERT INTO requests (request_id, asked_at, kind, source, run_id, release_id, upload_id, file, dry_run, who, why)")
	if err != nil {
		return fmt.Errorf("write down the request: %w", err)
	}
	defer batch.Close()
	if err := batch.Append(q.ID, q.AskedAt.UTC(), string(q.Kind), q.Source, q.Run, q.Release, q.Upload, q.File, q.DryRun, q.Who, q.Why); err != nil {
		return fmt.Errorf("write down the request: %w", err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("write down the request: %w", err)
	}
	return nil
}

// An Asked is a request and what has become of it.
type Asked struct {
	stats.Request
	Answer stats.Answer // its State is RequestWaits where there is none yet
}

// Open reports whether the request has not come to its end.
func (a Asked) Open() bool {
	return a.Answer.State == stats.RequestWaits || a.Answer.State == stats.RequestTaken
}

// Request is one request with its newest answer, else ErrNotFound.
func (r *Reader) Request(ctx context.Context, id string) (Asked, error) {
	found, err := r.requests(ctx, id, "")
	if err != nil {
		return Asked{}, err
	}
	if id == "" || len(found) == 0 {
		return Asked{}, fmt.Errorf("request %q: %w", id, ErrNotFound)
	}
	return found[0], nil
}

// OpenRequests is what was asked for of a source and is neither done nor
// refused, newest first; at most 20.
func (r *Reader) OpenRequests(ctx context.Context, source string) ([]Asked, error) {
	return r.requests(ctx, "", source)
}

func (r *Reader) requests(ctx context.Context, id, source string) ([]Asked, error) {
	var found []Asked
	err := r.each(ctx, "requests.sql", func(rows driver.Rows) error {
		var q Asked
		var kind, state string
		if err := rows.Scan(&q.ID, &q.AskedAt, &kind, &q.Source, &q.Run, &q.Release, &q.Upload, &q.File, &q.DryRun, &q.Who, &q.Why,
			&q.Answer.At, &state, &q.Answer.Runs, &q.Answer.Problem); err != nil {
			return err
		}
		q.AskedAt, q.Kind = q.AskedAt.UTC(), stats.RequestKind(kind)
		q.Answer.Request, q.Answer.At, q.Answer.State = q.ID, zeroIfNever(q.Answer.At), stats.RequestState(state)
		found = append(found, q)
		return nil
	}, clickhouse.Named("request", id), clickhouse.Named("source", source))
	return found, err
}

const (
	partSize = 1 << 20 // bytes of one part of an upload
	// partsAtOnce is how many parts are written as one block, so that a large
	// file is held neither in memory nor in thousands of parts on the disk.
	partsAtOnce = 8
	// forgetting is how long removing what is left of a broken upload may take.
	forgetting = time.Minute
)

// SaveUpload keeps a file that somebody sends, part by part, and says how many
// bytes it has. Where reading or keeping fails nothing of it stays.
func (r *Reader) SaveUpload(ctx context.Context, id string, at time.Time, file io.Reader) (size int64, err error) {
	defer func() {
		if err != nil {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forgetting)
			defer cancel()
			if e := r.ForgetUpload(ctx, id); e != nil {
				err = fmt.Errorf("%w; and %w", err, e)
			}
		}
	}()
	buffer := make([]byte, partSize)
	for part := uint32(0); err == nil; part += partsAtOnce {
		var n int64
		n, err = r.saveParts(ctx, id, part, at, file, buffer)
		size += n
	}
	if err == io.EOF {
		return size, nil
	}
	return 0, err
}

// saveParts keeps the next parts as one block. The error is io.EOF where the
// file has ended and all of it is kept.
func (r *Reader) saveParts(ctx context.Context, id string, part uint32, at time.Time, file io.Reader, buffer []byte) (size int64, err error) {
	batch, err := r.conn.PrepareBatch(ctx, "INSERT INTO uploads (upload_id, part, uploaded_at, bytes)")
	if err != nil {
		return 0, fmt.Errorf("keep the upload: %w", err)
	}
	defer batch.Close()
	var ended error
	for i := uint32(0); i < partsAtOnce && ended == nil; i++ {
		var n int
		if n, ended = fill(file, buffer); ended != nil && ended != io.EOF {
			return size, fmt.Errorf("read the upload: %w", ended)
		}
		if n == 0 {
			break
		}
		if err := batch.Append(id, part+i, at.UTC(), string(buffer[:n])); err != nil {
			return size, fmt.Errorf("keep the upload: %w", err)
		}
		size += int64(n)
	}
	if batch.Rows() == 0 {
		return size, ended
	}
	if err := batch.Send(); err != nil {
		return size, fmt.Errorf("keep the upload: %w", err)
	}
	return size, ended
}

// fill reads until the buffer is full or the file ends, which is io.EOF.
// io.ReadFull would not tell the end from a file that broke off.
func fill(file io.Reader, buffer []byte) (n int, err error) {
	for n < len(buffer) && err == nil {
		var read int
		read, err = file.Read(buffer[n:])
		n += read
	}
	return n, err
}

// ForgetUpload removes what is kept of a file that nobody has asked to be read.
func (r *Reader) ForgetUpload(ctx context.Context, id string) error {
	if err := r.conn.Exec(ctx, "ALTER TABLE uploads DELETE WHERE upload_id = {upload:String}", clickhouse.Named("upload", id)); err != nil {
		return fmt.Errorf("remove what was kept of the upload: %w", err)
	}
	return nil
}
