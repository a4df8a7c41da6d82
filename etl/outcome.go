package etl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"stalkstats/etl/parse"
	"stalkstats/etl/parse/sheet"
	"stalkstats/etl/source"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/stats"
)

// problem is a run that ended without publishing, and why.
type problem struct {
	outcome stats.Outcome
	cause   stats.Cause
	reason  string
}

// Error implements error.
func (p problem) Error() string { return p.reason }

// tolerate refuses a file of which more rows were rejected than the source
// allows. It names the first, which is where whoever mends the file begins.
func tolerate(out *parse.Output, limit float64) error {
	if out.Rejected == 0 || float64(out.Rejected) <= limit*float64(out.Read) {
		if out.Loaded == 0 {
			return problem{stats.RejectedRun, stats.NoRows, "no row of the file belongs to this source: check that it is the right file"}
		}
		return nil
	}
	first := out.Rejections[0]
	at := (&sheet.Error{File: first.File, Sheet: first.Sheet, Row: first.Row}).Error()
	where := strings.TrimSuffix(at, ": ")
	if first.Column != "" {
		where += fmt.Sprintf(", column %q", first.Column)
	}
	if first.Value != "" {
		where += fmt.Sprintf(", %q", first.Value)
	}
	reason := where + ": " + first.Reason
	if out.Rejected > 1 {
		reason += fmt.Sprintf(" (and %s)", moreRows(out.Rejected-1))
	}
	return problem{stats.RejectedRun, stats.RowsRejected, reason}
}

func outcomeOf(err error) stats.Outcome {
	var p problem
	var fault *sheet.Error
	switch {
	case errors.As(err, &p):
		return p.outcome
	case errors.As(err, &fault) && fault.Cause == nil:
		return stats.RejectedRun
	case errors.Is(err, context.Canceled):
		return stats.Interrupted
	}
	return stats.Failed
}

// causeOf is the kind of what ended a run; empty where that is no fault.
func causeOf(err error) stats.Cause {
	var p problem
	var fault *sheet.Error
	var disk *fs.PathError
	var kinded interface {
		error
		Kind() stats.Cause
	}
	switch {
	case errors.As(err, &p):
		return p.cause
	case errors.Is(err, source.ErrNothing):
		return ""
	case isFull(err):
		return stats.DiskFull
	case errors.Is(err, context.Canceled):
		return stats.Stopped
	case errors.Is(err, clickhouse.ErrUnanswered):
		return stats.DatabaseSilent
	case errors.As(err, &kinded):
		return kinded.Kind()
	case errors.As(err, &disk):
		return stats.FileUnreadable
	case errors.As(err, &fault):
		return cmp.Or(fault.Kind, stats.WrongLayout)
	}
	return stats.OtherFault
}

// sentence is the problem as a data owner reads it.
func sentence(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "the run was stopped; nothing of it is shown: run the source again"
	case isFull(err):
		return clickhouse.ErrFull.Error()
	case errors.Is(err, clickhouse.ErrUnanswered):
		return clickhouse.ErrUnanswered.Error()
	}
	return err.Error()
}

// isFull reports whether the disk is full, as the system or ClickHouse says it.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, clickhouse.ErrFull)
}

// told is the error for whoever asked for a run: of a full disk and of a server
// that does not answer, the one sentence that says what to do.
func told(err error) error {
	switch {
	case isFull(err):
		return clickhouse.ErrFull
	case errors.Is(err, clickhouse.ErrUnanswered):
		return clickhouse.ErrUnanswered
	}
	return err
}

func moreRows(n uint64) string {
	if n == 1 {
		return "1 more row"
	}
	return fmt.Sprintf("%d more rows", n)
}
