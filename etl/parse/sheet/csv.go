package sheet

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"
)

// csvBook is a text file with one sheet. encoding/csv is not used: it knows
// neither a lone carriage return nor a limit, and an unclosed quote would take
// the rest of the file into one cell.
type csvBook struct {
	src        io.Reader
	buf        []byte
	pos        int
	end        int
	atEOF      bool
	comma      byte
	semicolons bool      // cells are separated by them, as some countries' programs do
	stops      [256]bool // bytes that end an unquoted cell or may not stand in it
	special    [256]bool // those, control characters, and the bytes of letters beyond ASCII
	line       int       // of the next byte
	started    bool
	any        bool // something other than line ends was seen
	header     int  // columns of the first record
	unended    bool // the last line has no line end
}

const adviceQuote = `put the whole cell in quotes and write each quote inside it twice ("")`

// newCSV reads text as UTF-8, or as UTF-16 when its first bytes say so. The
// delimiter is the comma. When the first line has a tab and no comma it is the
// tab: that is what spreadsheet programs write as "Unicode text".
func newCSV(src io.Reader, head []byte) *csvBook {
	if wide := newUTF16(src, head); wide != nil {
		src, head = wide, wide.ascii(head)
	}
	b := &csvBook{src: src, buf: make([]byte, 64<<10), comma: ',', line: 1}
	first := head
	if i := bytes.IndexAny(bytes.TrimLeft(head, utf8Mark+"\r\n"), "\r\n"); i >= 0 {
		first = bytes.TrimLeft(head, utf8Mark+"\r\n")[:i]
	}
	if bytes.IndexByte(first, ',') < 0 && bytes.IndexByte(first, '\t') >= 0 {
		b.comma = '\t'
	}
	b.semicolons = bytes.IndexByte(first, ',') < 0 && b.comma == ',' && bytes.Count(first, []byte(";")) > 1
	for _, c := range []byte{b.comma, '"', '\r', '\n', 0} {
		b.stops[c] = true
	}
	for c := range b.special {
		b.special[c] = b.stops[c] || c >= utf8.RuneSelf || c < ' ' && c != '\t' || c == del
	}
	return b
}

func (b *csvBook) close() error { return nil }

func (b *csvBook) next() (string, bool, error) {
	if b.started {
		// Faults further down count even when nobody asked for the rows.
		var rest row
		rest.limits = Limits{}.withDefaults()
		for {
			if ok, err := b.fill(&rest); err != nil || !ok {
				return "", false, err
			}
		}
	}
	b.started = true
	if b.semicolons {
		return "", false, &Error{Row: 1, Problem: "the cells are separated by semicolons", Advice: "save the file as an Excel workbook (.xlsx), or as CSV with commas"}
	}
	if err := b.more(); err != nil {
		return "", false, err
	}
	for b.end < len(utf8Mark) && !b.atEOF {
		if err := b.more(); err != nil {
			return "", false, err
		}
	}
	if bytes.HasPrefix(b.buf[:b.end], []byte(utf8Mark)) {
		b.pos = len(utf8Mark)
	}
	return "", true, nil
}

// fill reads records until one holds something.
func (b *csvBook) fill(r *row) (bool, error) {
	for {
		if b.pos == b.end {
			if err := b.more(); err != nil {
				return false, err
			}
			if b.pos == b.end {
				return b.ended()
			}
		}
		r.begin(b.line)
		if !b.simple(r) {
			r.begin(b.line)
			if err := b.record(r); err != nil {
				return false, r.here(err)
			}
		}
		if r.finish() {
			if err := b.cut(r); err != nil {
				return false, err
			}
			b.any = true
			return true, nil
		}
	}
}

// cut finds a last line that was cut off: one without a line end that has fewer
// columns than the header.
func (b *csvBook) cut(r *row) error {
	if !b.any {
		b.header = r.column
	}
	if !b.unended || r.column >= b.header {
		return nil
	}
	return &Error{Row: r.number, Problem: fmt.Sprintf("the file looks cut off in its last line: that has no line end, and columns up to %s where the header has them up to %s",
		ColumnName(r.column), ColumnName(b.header)), Advice: adviceFetchAgain}
}

// ended is the end of the file. A file of line ends alone is as empty as one
// of no bytes.
func (b *csvBook) ended() (bool, error) {
	if !b.any {
		b.any = true
		return false, fault("the file is empty", adviceFetchAgain)
	}
	return false, nil
}

// simple reads a record that stands whole in the buffer, is ASCII, and has
// neither quotes nor anything wrong: almost every one there is. Of any other
// it answers false, and has passed nothing.
func (b *csvBook) simple(r *row) bool {
	rest, start := b.buf[b.pos:b.end], 0
	for i, c := range rest {
		if !b.special[c] {
			continue
		}
		length := i + 1
		if c == '\r' && length < len(rest) && rest[length] == '\n' {
			length++
		} else if c != b.comma && c != '\n' {
			return false
		}
		if i > start {
			if i-start > r.limits.MaxCellBytes || r.column >= r.limits.MaxColumns {
				return false
			}
			for len(r.spans) < r.column {
				r.spans = append(r.spans, span{})
			}
			r.spans = append(r.spans, span{start, i})
		}
		r.column++
		start = length
		if c != b.comma {
			r.text = append(r.text, rest[:i]...)
			b.pos += length
			b.line++
			return true
		}
	}
	return false
}

// record reads up to and with the line end.
func (b *csvBook) record(r *row) error {
	for {
		start := len(r.text)
		first, ok, err := b.peek()
		switch {
		case err != nil:
			return err
		case ok && first == '"':
			err = b.quoted(r, start)
		default:
			err = b.plain(r, start)
		}
		if err == nil && !utf8.Valid(r.text[start:]) {
			err = fault("the text is not UTF-8", `save the file again as "CSV UTF-8"`)
		}
		if err == nil {
			err = r.put(start, 1)
		}
		if err != nil {
			return err
		}
		last, err := b.separator()
		if last || err != nil {
			return err
		}
	}
}

// separator passes the delimiter or the line end; last is true at a line end
// and at the end of the file. CR LF, LF and CR alone each end a line.
func (b *csvBook) separator() (last bool, err error) {
	c, ok, err := b.peek()
	if err != nil || !ok {
		b.unended = err == nil
		return true, err
	}
	b.pos++
	if c == b.comma {
		return false, nil
	}
	b.line++
	if c == '\r' {
		if c, ok, err := b.peek(); err != nil {
			return true, err
		} else if ok && c == '\n' {
			b.pos++
		}
	}
	return true, nil
}

// plain reads a cell without quotes, up to the delimiter or line end.
func (b *csvBook) plain(r *row, start int) error {
	for {
		i := b.pos
		for i < b.end && !b.stops[b.buf[i]] {
			i++
		}
		r.text = append(r.text, b.buf[b.pos:i]...)
		b.pos = i
		if err := r.fits(start); err != nil {
			return err
		}
		c, ok, err := b.peek()
		switch {
		case err != nil || !ok:
			return err
		case c == '"':
			return fault("a quote stands in the middle of a cell that does not begin with one", adviceQuote)
		case c == 0:
			return nulFault()
		case b.stops[c]:
			return nil
		}
	}
}

func nulFault() error {
	return fault("a zero byte stands in the text: the file is damaged, not a text, or UTF-16 without its mark",
		`save the file again as "CSV UTF-8"`)
}

// quoted reads a cell in quotes, in which a doubled quote is a quote and a
// line end is a line end.
func (b *csvBook) quoted(r *row, start int) error {
	began := b.line
	b.pos++
	for {
		c, ok, err := b.peek()
		switch {
		case err != nil:
			return err
		case !ok && began == b.line:
			return fault("the file looks cut off in its last line: the quote that opens this cell is never closed", adviceFetchAgain)
		case !ok:
			return fault(fmt.Sprintf("the quote that opens this cell on line %d is never closed", began), adviceQuote)
		}
		b.pos++
		switch c {
		case '"':
			if doubled, err := b.closing(); err != nil || !doubled {
				return err
			}
			r.text = append(r.text, '"')
		case 0:
			return nulFault()
		case '\r', '\n':
			if err := b.lineEnd(c); err != nil {
				return err
			}
			r.text = append(r.text, '\n')
		default:
			i := b.pos
			for i < b.end && b.buf[i] > '"' {
				i++
			}
			r.text = append(r.text, b.buf[b.pos-1:i]...)
			b.pos = i
		}
		if len(r.text)-start > r.limits.MaxCellBytes {
			return fault(fmt.Sprintf("the cell in quotes that begins on line %d holds more than %d bytes of text; its closing quote may be missing",
				began, r.limits.MaxCellBytes), adviceQuote)
		}
	}
}

// closing looks at what follows a quote inside a quoted cell: a second one, or
// the end of the cell.
func (b *csvBook) closing() (doubled bool, err error) {
	c, ok, err := b.peek()
	switch {
	case err != nil || !ok:
		return false, err
	case c == '"':
		b.pos++
		return true, nil
	case c == b.comma || c == '\r' || c == '\n':
		return false, nil
	}
	return false, fault("text follows the closing quote of the cell", adviceQuote)
}

// lineEnd counts a line end inside a quoted cell.
func (b *csvBook) lineEnd(c byte) error {
	b.line++
	if c == '\n' {
		return nil
	}
	next, ok, err := b.peek()
	if ok && next == '\n' {
		b.pos++
	}
	return err
}

// peek is the next byte; false at the end of the file.
func (b *csvBook) peek() (byte, bool, error) {
	if b.pos == b.end {
		if err := b.more(); err != nil || b.pos == b.end {
			return 0, false, err
		}
	}
	return b.buf[b.pos], true, nil
}

// more reads on; at the end of the file it adds nothing.
func (b *csvBook) more() error {
	b.end = copy(b.buf, b.buf[b.pos:b.end])
	b.pos = 0
	for range 100 {
		if b.atEOF || b.end == len(b.buf) {
			return nil
		}
		n, err := b.src.Read(b.buf[b.end:])
		b.end += n
		if err == io.EOF {
			b.atEOF = true
		} else if err != nil {
			return err
		}
		if n > 0 {
			return nil
		}
	}
	return io.ErrNoProgress
}
