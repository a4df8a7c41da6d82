package load

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// Waiting is what people have asked for on the pages and nobody has taken up,
// oldest first.
func Waiting(ctx context.Context, conn driver.Conn) ([]stats.Request, error) {
	var waiting []stats.Request
	err := each(ctx, conn, "what was asked for", `
		SELECT request_id, asked_at, kind, source, run_id, release_id, upload_id, file, dry_run, who, why
		FROM requests
		WHERE request_id NOT IN (SELECT request_id FROM request_answers)
		ORDER BY asked_at, request_id`, func(rows driver.Rows) error {
		var r stats.Request
		var kind string
		err := rows.Scan(&r.ID, &r.AskedAt, &kind, &r.Source, &r.Run, &r.Release, &r.Upload, &r.File, &r.DryRun, &r.Who, &r.Why)
		r.Kind, r.AskedAt = stats.RequestKind(kind), r.AskedAt.UTC()
		waiting = append(waiting, r)
		return err
	})
	return waiting, err
}

// Answer records what became of a request; the newest answer counts.
func Answer(ctx context.Context, conn driver.Conn, a stats.Answer) error {
	var last time.Time
	if err := conn.QueryRow(ctx, "SELECT max(answered_at) FROM request_answers WHERE request_id = {request:String}", clickhouse.Named("request", a.Request)).Scan(&last); err != nil {
		return fmt.Errorf("look up the request: %w", err)
	}
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO request_answers (request_id, answered_at, state, run_ids, problem)")
	if err != nil {
		return fmt.Errorf("answer the request: %w", err)
	}
	defer batch.Close()
	if err := batch.Append(a.Request, later(a.At, last), string(a.State), list(a.Runs), a.Problem); err != nil {
		return fmt.Errorf("answer the request: %w", err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("answer the request: %w", err)
	}
	return nil
}

// Abandoned ends the requests that a process had taken up and not answered.
func Abandoned(ctx context.Context, conn driver.Conn, now time.Time) error {
	var left []string
	row := conn.QueryRow(ctx, `
		SELECT groupArray(request_id)
		FROM (SELECT request_id FROM request_answers GROUP BY request_id HAVING argMax(state, answered_at) = 'taken')`)
	if err := row.Scan(&left); err != nil {
		return fmt.Errorf("look up unanswered requests: %w", err)
	}
	for _, id := range left {
		a := stats.Answer{Request: id, At: now, State: stats.RequestRefused, Problem: "the program ended while it was at this: ask again"}
		if err := Answer(ctx, conn, a); err != nil {
			return err
		}
	}
	return nil
}

// Upload writes the bytes of an uploaded file, in order, and says how many.
func Upload(ctx context.Context, conn driver.Conn, upload string, w io.Writer) (size int64, err error) {
	next := uint32(0)
	err = each(ctx, conn, "the uploaded file", "SELECT part, bytes FROM uploads WHERE upload_id = {upload:String} ORDER BY part", func(rows driver.Rows) error {
		var part uint32
		var bytes string
		if err := rows.Scan(&part, &bytes); err != nil {
			return err
		}
		if part != next {
			return fmt.Errorf("part %d of it is missing: upload it again", next)
		}
		next++
		n, err := io.WriteString(w, bytes)
		size += int64(n)
		return err
	}, clickhouse.Named("upload", upload))
	return size, err
}

// RemoveUpload removes an uploaded file. The table is in memory alone, and takes
// no DELETE.
func RemoveUpload(ctx context.Context, conn driver.Conn, upload string) error {
	return removeBy(ctx, conn, "ALTER TABLE uploads DELETE", "uploads", "upload_id", upload)
}

// RemoveOldUploads removes the uploads that nobody asked to have run.
func RemoveOldUploads(ctx context.Context, conn driver.Conn, before time.Time) error {
	var old []string
	row := conn.QueryRow(ctx, "SELECT groupUniqArray(upload_id) FROM uploads WHERE uploaded_at < {before:DateTime64(6, 'UTC')}",
		clickhouse.DateNamed("before", before.UTC(), clickhouse.MicroSeconds))
	if err := row.Scan(&old); err != nil {
		return fmt.Errorf("look up old uploads: %w", err)
	}
	for _, upload := range old {
		if err := RemoveUpload(ctx, conn, upload); err != nil {
			return err
		}
	}
	return nil
}
