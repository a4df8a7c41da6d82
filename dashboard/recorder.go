package dashboard

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"stalkstats/internal/stats"
)

// observationsReport is what the report of figures is called in the log of
// downloads.
const observationsReport = "observations"

// A Recorder passes a report on to its reader, and notes what passed for the
// log of downloads.
type Recorder struct {
	to     io.Writer
	noted  stats.Download
	hashed hash.Hash
}

// NewRecorder notes what is sent to somebody: d says what was asked for, by
// which channel, and when.
func NewRecorder(to io.Writer, d stats.Download) *Recorder {
	return &Recorder{to, d, sha256.New()}
}

// Write implements io.Writer.
func (rec *Recorder) Write(p []byte) (int, error) {
	n, err := rec.to.Write(p)
	rec.hashed.Write(p[:n]) // never fails
	rec.noted.Bytes += uint64(n)
	return n, err
}

// Ended is what is recorded of a download that has ended, whole or not.
func (rec *Recorder) Ended(complete bool, at time.Time) stats.Download {
	d := rec.noted
	d.SHA256, d.Complete, d.Took = hex.EncodeToString(rec.hashed.Sum(nil)), complete, at.Sub(d.BeganAt)
	return d
}

// filtersOf is filters as they are recorded: in one order, each value once,
// and nothing that says nothing.
func filtersOf(values url.Values) string {
	given := normalised(values).Encode()
	if len(given) > longestFilters {
		given = given[:longestFilters] + "…"
	}
	return given
}

// SendReport writes the report of figures to the account that asked for it on the
// command line, and records it as the page does.
func SendReport(ctx context.Context, w io.Writer, readers Readers, values url.Values, user string, downloads downloadRecorder, log *slog.Logger) (rows int, err error) {
	buffered := bufio.NewWriterSize(w, 1<<16)
	began := time.Now()
	out := NewRecorder(buffered, stats.Download{ID: NewID(began), BeganAt: began, User: user, Channel: stats.CommandChannel, Report: observationsReport,
		Filters: filtersOf(values), Audience: cmp.Or(values.Get("audience"), Internal)})
	if rows, err = WriteObservations(ctx, out, readers, values); err == nil {
		if err = buffered.Flush(); err != nil {
			err = fmt.Errorf("write the report: %w", err)
		}
	}
	if out.noted.Rows = uint64(rows); out.noted.Bytes > 0 {
		recordSent(ctx, downloads, log, out.Ended(err == nil, time.Now()))
	}
	return rows, err
}

// longestFilters is how many characters of filters are recorded: more than all
// measures, areas and sources need.
const longestFilters = 8000

// normalised is filters without what is empty or said twice, in order.
func normalised(values url.Values) url.Values {
	all := url.Values{}
	for name := range values {
		if list := given(values[name]); len(list) > 0 {
			slices.Sort(list)
			all[name] = list
		}
	}
	return all
}

type downloadRecorder interface {
	RecordDownload(ctx context.Context, d stats.Download) error
}

// recorded is a handler of figures whose answers are recorded: what was sent,
// and whether all of it was. A site of the published audience keeps no record
// of who reads. The handler says by noteRows how many rows it has sent.
func (s *site) recorded(log downloadRecorder, report string, h handler) handler {
	if s.readByAnybody() {
		return h
	}
	return func(w http.ResponseWriter, r *http.Request) (err error) {
		if r.Method == http.MethodHead {
			return h(w, r)
		}
		d := stats.Download{ID: s.newID(), BeganAt: s.now(), User: idOf(r), Channel: stats.PageChannel, Report: report, Filters: filtersIn(r), Audience: cmp.Or(r.URL.Query().Get("audience"), s.audience, Internal)}
		out := &recordedResponse{ResponseWriter: w, recorder: NewRecorder(w, d)}
		whole := false
		defer func() { // a transfer that breaks off ends in a panic
			if out.status == http.StatusOK {
				recordSent(r.Context(), log, s.log, out.recorder.Ended(whole, s.now()))
			}
		}()
		err = h(out, r)
		whole = err == nil && r.Context().Err() == nil
		return err
	}
}

// recordingTakes is how long the record of a download may take, whose reader
// may have gone.
const recordingTakes = 10 * time.Second

// recordSent adds a download to the log. It has been sent by then, so that what
// cannot be recorded can only be told.
func recordSent(ctx context.Context, downloads downloadRecorder, log *slog.Logger, d stats.Download) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordingTakes)
	defer cancel()
	if err := downloads.RecordDownload(ctx, d); err != nil {
		log.ErrorContext(ctx, "download not recorded", "request", RequestID(ctx), "report", d.Report, "filters", d.Filters,
			"audience", d.Audience, "rows", d.Rows, "bytes", d.Bytes, "sha256", d.SHA256, "complete", d.Complete, "error", err)
	}
}

// filtersIn is what an address asks for: its query, and what its path names.
func filtersIn(r *http.Request) string {
	values := r.URL.Query()
	if id := r.PathValue("id"); id != "" {
		values.Set("id", id)
	}
	return filtersOf(values)
}

// recordedResponse is an answer that is recorded.
type recordedResponse struct {
	http.ResponseWriter
	recorder *Recorder
	status   int
}

// WriteHeader implements http.ResponseWriter.
func (w *recordedResponse) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (w *recordedResponse) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.recorder.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recordedResponse) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// addToRecord adds to the record of an answer what only its handler knows. An
// answer that is not recorded has nothing to add to.
func addToRecord(w http.ResponseWriter, add func(*stats.Download)) {
	for {
		switch inner := w.(type) {
		case *recordedResponse:
			add(&inner.recorder.noted)
			return
		case interface{ Unwrap() http.ResponseWriter }:
			w = inner.Unwrap()
		default:
			return
		}
	}
}

// noteRows adds to the record of an answer how many rows of figures it has.
func noteRows(w http.ResponseWriter, rows int) {
	addToRecord(w, func(d *stats.Download) { d.Rows = uint64(rows) })
}
