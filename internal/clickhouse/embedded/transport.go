package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
)

func columnType(name string) column.Type { return column.Type(name) }

// RoundTrip runs the statement of a driver's HTTP request. The request's
// context bounds the wait for a connection, the statement and the reading of
// its result: when it ends, the caller is free at once and the engine is told
// to stop. Errors of the engine come as a response with status 500 and the
// exception's code; an error in mid-stream fails the body's Read.
func (e *Engine) RoundTrip(req *http.Request) (*http.Response, error) {
	if e.closed() {
		return nil, errors.Join(ErrClosed, closeBody(req))
	}
	r, err := parseRequest(req)
	if err != nil {
		return fail(req, errors.Join(err, closeBody(req)))
	}
	if r.rows == nil {
		if err := closeBody(req); err != nil {
			return nil, err
		}
		if r.sql == helloSQL {
			return e.core.hello(req, r.revision)
		}
	}
	return e.core.run(req, r)
}

func closeBody(req *http.Request) error {
	if req.Body == nil {
		return nil
	}
	return req.Body.Close()
}

// fail answers with an engine's error, or returns any other.
func fail(req *http.Request, err error) (*http.Response, error) {
	var exception engineError
	if errors.As(err, &exception) {
		return failure(req, exception), nil
	}
	return nil, err
}

// job is one statement on its way through the engine. A goroutine of its own
// makes the engine's calls, which cannot be interrupted, so that the caller
// can leave at any time.
type job struct {
	core   *core
	conn   *connection
	req    *http.Request
	r      *request
	ctx    context.Context // ends when nobody wants the result any more
	cancel context.CancelCauseFunc

	answer   chan answer // has room for the one answer
	reader   *io.PipeReader
	writer   *io.PipeWriter
	finished chan struct{} // closed when the engine is through
}

// answer is what RoundTrip returns.
type answer struct {
	resp *http.Response
	err  error
}

// run starts a job and waits for its first result, no longer than the
// request's context allows.
func (c *core) run(req *http.Request, r *request) (*http.Response, error) {
	conn, err := c.acquire(req.Context())
	if err != nil {
		return nil, errors.Join(err, closeRows(r))
	}
	j := &job{core: c, conn: conn, req: req, r: r, answer: make(chan answer, 1), finished: make(chan struct{})}
	j.ctx, j.cancel = context.WithCancelCause(req.Context())
	j.reader, j.writer = io.Pipe()
	go j.run()
	select {
	case a := <-j.answer:
		return a.resp, a.err
	case <-j.ctx.Done():
	}
	select {
	case a := <-j.answer: // a job that is through ends its context too
		return a.resp, a.err
	default:
		return nil, context.Cause(j.ctx)
	}
}

// closeRows gives up an insert's rows, which wakes whoever reads or writes
// them.
func closeRows(r *request) error {
	if closer, ok := r.rows.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// run executes the job from its first call of the engine to its last.
func (j *job) run() {
	defer j.core.release(j.conn)
	closing := context.AfterFunc(j.core.ctx, func() { j.cancel(ErrClosed) })
	defer closing()
	var stopper sync.WaitGroup
	stopper.Add(1)
	watching := context.AfterFunc(j.ctx, func() {
		defer stopper.Done()
		j.stop()
	})
	err := j.execute()
	close(j.finished)
	if watching() {
		stopper.Done()
	}
	// The connection must not run the next statement while a KILL that was
	// meant for this one may be on its way.
	stopper.Wait()
	if cause := context.Cause(j.ctx); err != nil && cause != nil {
		err = cause
	}
	if err != nil {
		resp, err := fail(j.req, err)
		j.reply(resp, err)
	}
	_ = errors.Join(j.writer.CloseWithError(err), closeRows(j.r))
	j.cancel(nil)
}

// reply answers the caller, if that has not been done yet.
func (j *job) reply(resp *http.Response, err error) {
	select {
	case j.answer <- answer{resp, err}:
	default:
	}
}

// stop runs when the caller has left: it fails the result, and asks the engine
// to stop the statement until it has. The statement may not have begun when it
// is first asked.
func (j *job) stop() {
	cause := context.Cause(j.ctx)
	_ = j.writer.CloseWithError(cause)
	// A request's body may wait for the network before it lets itself be closed.
	go func() { _ = closeRows(j.r) }()
	for wait := 2 * time.Millisecond; ; wait = min(2*wait, 100*time.Millisecond) {
		select {
		case <-j.finished:
			return
		case <-time.After(wait):
			j.core.kill(j.conn)
		}
	}
}

// selects matches the statements that the engine can stream. SHOW, DESCRIBE and
// their like also return rows, but few.
var selects = regexp.MustCompile(`(?is)^(?:\s|--[^\n]*\n|/\*.*?\*/|\()*(?:SELECT|WITH|FROM)\b`)

// execute runs the statement in the way its kind wants.
func (j *job) execute() error {
	if err := j.conn.takeOutTorn(); err != nil { // while the disk is full it cannot; the next statement tries again
		if err := j.conn.refuseTorn(j.r.sql); err != nil {
			return err
		}
	}
	if err := j.conn.prepare(j.r); err != nil {
		return err
	}
	if j.r.rows != nil {
		return j.insert()
	}
	kind, err := j.conn.classify(j.r.sql)
	switch {
	case err != nil:
		return err
	case kind.statements > 1:
		return refuse(62, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed)")
	case strings.TrimSpace(j.r.sql) == "":
		return refuse(62, "SYNTAX_ERROR", "Syntax error: Empty query")
	case kind.class == classReadOnly && selects.MatchString(j.r.sql):
		return j.stream()
	}
	// Statements that set, use or make something for the session would leave
	// it to whoever gets the connection next; a server's HTTP forgets it.
	j.conn.changed = j.conn.changed || kind.class >= classControl
	return j.complete()
}

// body is a streamed result. Closing it before its end stops the statement.
type body struct {
	*io.PipeReader
	job *job
}

func (b body) Close() error {
	b.job.cancel(fmt.Errorf("result closed: %w", context.Canceled))
	return b.PipeReader.Close()
}
