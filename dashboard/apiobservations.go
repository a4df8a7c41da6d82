package dashboard

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/dashboard/report"
	"stalkstats/internal/stats"
)

// How many figures a page has.
const (
	usualLimit = 10_000
	mostLimit  = 100_000
)

// pageRequest is one page of figures that is asked for.
type pageRequest struct {
	asked
	given   url.Values // as in the address
	limit   int
	filters uint64 // which filters and audience these are
	state   uint64 // which state of the figures the page is of
	asAt    time.Time
	after   *cursor // nil: the first page
}

// apiObservations answers with one page of figures. The page is made before the
// first byte is sent: what fails is an error, and never a part of a page.
func (s *site) apiObservations(readers Readers) apiHandler {
	return func(w http.ResponseWriter, r *http.Request, given url.Values) error {
		q, err := s.parsePage(r.Context(), readers, given)
		if err != nil {
			return err
		}
		tag, err := s.tag(r, q.reader)
		if err != nil {
			return err
		}
		if unchanged(w, r, tag) {
			return nil
		}
		page, err := q.read(r.Context())
		if err != nil {
			return q.explained(err)
		}
		noteRows(w, page.Count)
		if page.Next != nil {
			w.Header().Set("Link", "<"+*page.Next+`>; rel="next"`)
		}
		if err := page.send(w); err != nil {
			panic(http.ErrAbortHandler) // nobody is there to be told, or must see that it is not whole
		}
		return nil
	}
}

// parsePage reads what page is asked for, and of which state of the figures.
func (s *site) parsePage(ctx context.Context, readers Readers, given url.Values) (q pageRequest, err error) {
	q.given = given
	if q.limit, err = parseLimit(given.Get("limit")); err != nil {
		return q, err
	}
	if given.Get("after") != "" {
		c, err := parseCursor(given.Get("after"))
		if err != nil {
			return q, badRequest("after: this is not the end of a page. Use the address in next of the page before as it is.")
		}
		q.after = &c
	}
	filters := maps.Clone(given)
	delete(filters, "limit")
	delete(filters, "after")
	if q.asked, err = parseRequest(ctx, readers, filters); err != nil {
		return q, err
	}
	q.filters = hashOf("%s\n%s", q.audience, filters.Encode())
	return q, s.settle(ctx, &q)
}

func parseLimit(text string) (int, error) {
	if text == "" {
		return usualLimit, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > mostLimit {
		return 0, badRequest("limit: %q is not a whole number from 1 to %d.", echoed(text), mostLimit)
	}
	return limit, nil
}

// settle finds the state that the page is of. The first page is of what is served
// now, and those after it are of the same, as it was at that moment.
func (s *site) settle(ctx context.Context, q *pageRequest) error {
	now, err := q.reader.Moment(ctx)
	if err != nil {
		return err
	}
	state := func(m query.Moment) uint64 { return hashOf("%x\n%s\n%+v", m.Stamp, s.version, s.rules) }
	q.state = state(now)
	if q.asAt = now.AsAt; q.AsAt.IsZero() || !q.AsAt.Before(now.AsAt) {
		q.AsAt = query.Latest // the same, and all of it from one state
	}
	switch {
	case q.after == nil:
		return nil
	case q.after.filters != q.filters:
		return badRequest("after: this continues the answer to other filters. Use the address in next of the page before as it is.")
	case q.after.state == q.state:
		return nil
	}
	then, err := q.reader.MomentAt(ctx, q.after.asAt)
	if err != nil {
		return err
	}
	if q.state = state(then); q.state != q.after.state {
		return problem{status: http.StatusGone, sentence: "The state of the figures that this continues is not served any more. Start again with the first page, without after."}
	}
	if q.asAt = then.AsAt; q.AsAt.IsZero() || q.AsAt.After(q.asAt) {
		q.AsAt = q.asAt
	}
	if q.areas, err = q.reader.Areas(ctx, q.asAt); err != nil {
		return err
	}
	q.measures, err = q.reader.Measures(ctx, q.asAt)
	return err
}

func hashOf(format string, args ...any) uint64 {
	hash := sha256.Sum256(fmt.Appendf(nil, format, args...))
	return binary.BigEndian.Uint64(hash[:])
}

// observationPage is a page of figures. The figures themselves follow.
type observationPage struct {
	AsAt     *string `json:"figures_as_at" doc:"the moment whose figures these are, the same on every page; null where nothing was published" format:"date-time"`
	Audience string  `json:"audience" doc:"whom the figures are for" enum:"internal,published"`
	Count    int     `json:"count" doc:"how many figures the page has"`
	Next     *string `json:"next" doc:"the address of the next page; null on the last"`
	rows     *spool
}

// read reads the figures of the page, and one more to know whether there is
// another page.
func (q pageRequest) read(ctx context.Context) (observationPage, error) {
	page := observationPage{Audience: q.audience, rows: newSpool()}
	if at := q.asAt; !at.IsZero() {
		if !q.AsAt.IsZero() && q.AsAt.Before(at) {
			at = q.AsAt
		}
		page.AsAt = new(at.Format(time.RFC3339Nano))
	}
	objects := report.NewObjects(q.areas, q.measures)
	var last stats.Key
	var buffer []byte
	for f, err := range q.figures(ctx) {
		switch {
		case err != nil:
			return page, err
		case q.after != nil && stats.CompareKeys(f.Key, q.after.last) <= 0:
			continue
		case page.Count == q.limit:
			page.Next = new(q.next(last))
			return page, nil
		}
		if buffer = buffer[:0]; page.Count > 0 {
			buffer = append(buffer, ',')
		}
		buffer = objects.Append(append(buffer, '\n'), f)
		if _, err := page.rows.Write(buffer); err != nil {
			return page, fmt.Errorf("keep the page: %w", err)
		}
		page.Count++
		last = f.Key
	}
	return page, nil
}

// figures is the figures of the report from the measure and area on in which the
// page before ended: those of longer periods are made within an area.
func (q pageRequest) figures(ctx context.Context) iter.Seq2[stats.Figure, error] {
	if q.after != nil {
		q.Start = query.Start{Measure: q.after.last.Measure, Area: q.after.last.Area}
	}
	return q.asked.figures(ctx, whole)
}

// next is the address of the page after the figure of a key.
func (q pageRequest) next(last stats.Key) string {
	given := maps.Clone(q.given)
	given.Set("after", cursor{filters: q.filters, state: q.state, asAt: q.asAt, last: last}.text())
	return apiRoot + "/observations?" + given.Encode()
}

// send writes the page, in which the figures come last.
func (p observationPage) send(w http.ResponseWriter) error {
	head, err := plainJSON(p)
	if err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	if _, err := w.Write(append(bytes.TrimSuffix(head, []byte("}\n")), `,"observations":[`...)); err != nil {
		return err
	}
	if err := p.rows.sendTo(w); err != nil {
		return err
	}
	_, err = w.Write([]byte("\n]}\n"))
	return err
}
