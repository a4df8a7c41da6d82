package sheet

import "fmt"

// row is the one row of a workbook: all text in one piece of memory, cells as
// places in it, so that a row costs no allocation once the first few are read.
type row struct {
	limits Limits
	number int
	again  int // how many times the same row still follows
	text   []byte
	spans  []span
	cells  [][]byte
	column int // columns passed so far, empty ones included
}

type span struct{ start, end int }

func (r *row) begin(number int) {
	r.number, r.again, r.column = number, 0, 0
	r.text, r.spans, r.cells = r.text[:0], r.spans[:0], r.cells[:0]
}

func (r *row) clear() { r.begin(0) }

// put ends a cell whose text is what stands in r.text from start on. The cell
// stands in as many columns as times says. Empty ones are only counted, and
// written down when something follows: a row may claim 16,384 of them.
func (r *row) put(start, times int) error {
	if len(r.text) == start {
		r.column += times
		return nil
	}
	if err := r.fits(start); err != nil {
		return err
	}
	if c, found := control(r.text[start:]); found {
		if !r.limits.BlankControls {
			return fault(fmt.Sprintf("the cell holds U+%04X, a control character, which nobody can see", c), adviceControl)
		}
		r.text = r.text[:start+blankControls(r.text[start:])]
	}
	if r.column+times > r.limits.MaxColumns {
		return fault(fmt.Sprintf("the row has more than %d columns", r.limits.MaxColumns), adviceLimit)
	}
	for len(r.spans) < r.column {
		r.spans = append(r.spans, span{})
	}
	for range times {
		r.spans = append(r.spans, span{start, len(r.text)})
	}
	r.column += times
	return nil
}

func (r *row) fits(start int) error {
	if len(r.text)-start <= r.limits.MaxCellBytes {
		return nil
	}
	return fault(fmt.Sprintf("the cell holds more than %d bytes of text", r.limits.MaxCellBytes), adviceLimit)
}

// finish makes the cells; it is false when the row holds nothing.
func (r *row) finish() bool {
	for _, s := range r.spans {
		r.cells = append(r.cells, r.text[s.start:s.end:s.end])
	}
	return len(r.cells) > 0
}

// here gives a fault the place in the row at which the reading stands.
func (r *row) here(err error) error {
	if e, ok := err.(*Error); ok && e.Row == 0 {
		e.Row, e.Column = r.number, r.column+1
	}
	return err
}
