package sheet

import (
	"fmt"
	"io"
	"math"
	"strconv"
)

const (
	odfOffice = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
	odfTable  = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
	odfText   = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
)

const (
	odsDocument code = iota + 1
	odsBody
	odsSpreadsheet
	odsTable
	odsRowGroup
	odsRow
	odsCell
	odsParagraph
	odsList
	odsInline
	odsSpaces
	odsTab
	odsLineBreak
	odsNoText
	odsAttrName
	odsAttrRowsRepeated
	odsAttrColumnsRepeated
	odsAttrValueType
	odsAttrValue
	odsAttrDate
	odsAttrTime
	odsAttrBoolean
	odsAttrString
	odsAttrCount
)

// odsWords is what of OpenDocument a table of figures is made of.
func odsWords(space, local string) code {
	switch space {
	case odfTable:
		return odsTableWord(local)
	case odfText:
		return odsTextWord(local)
	case odfOffice:
		return odsOfficeWord(local)
	}
	return 0
}

func odsTableWord(local string) code {
	switch local {
	case "table":
		return odsTable
	case "table-header-rows", "table-rows", "table-row-group":
		return odsRowGroup
	case "table-row":
		return odsRow
	case "table-cell", "covered-table-cell":
		return odsCell
	case "name":
		return odsAttrName
	case "number-rows-repeated":
		return odsAttrRowsRepeated
	case "number-columns-repeated":
		return odsAttrColumnsRepeated
	}
	return 0
}

func odsTextWord(local string) code {
	switch local {
	case "p", "h":
		return odsParagraph
	case "list", "list-item", "list-header", "section":
		return odsList
	case "s":
		return odsSpaces
	case "tab":
		return odsTab
	case "line-break":
		return odsLineBreak
	case "c":
		return odsAttrCount
	case "note", "ruby-text", "tracked-changes":
		return odsNoText
	}
	// Spans, links and fields such as text:date: their text is shown.
	return odsInline
}

func odsOfficeWord(local string) code {
	switch local {
	case "document-content":
		return odsDocument
	case "body":
		return odsBody
	case "spreadsheet":
		return odsSpreadsheet
	case "value-type":
		return odsAttrValueType
	case "value":
		return odsAttrValue
	case "date-value":
		return odsAttrDate
	case "time-value":
		return odsAttrTime
	case "boolean-value":
		return odsAttrBoolean
	case "string-value":
		return odsAttrString
	}
	return 0
}

// odsBook is an OpenDocument spreadsheet: all sheets stand in one part, which
// is read once from its beginning to its end.
type odsBook struct {
	x      *scanner
	part   io.Closer
	limits Limits
	inside int // depth of the sheet's element while a sheet is read
	number int // of the next row
}

func newODS(c *container) (book, error) {
	if err := c.encryptedODS(); err != nil {
		return nil, err
	}
	part, err := c.open("content.xml", math.MaxInt64)
	if err != nil {
		return nil, err
	}
	b := &odsBook{x: newScanner(part, "content.xml", odsWords, scannerSize(c.limits)), part: part, limits: c.limits}
	if err := b.enter(); err != nil {
		// What is wrong with the content says more than the closing could.
		_ = part.Close()
		return nil, err
	}
	return b, nil
}

// scannerSize is room for a cell of the largest size with every character
// written as a reference.
func scannerSize(l Limits) int { return max(256<<10, min(l.MaxCellBytes, 64<<20)*8) }

// encryptedODS looks for a password in the list of parts.
func (c *container) encryptedODS() error {
	const manifest = "META-INF/manifest.xml"
	if !c.has(manifest) {
		return nil
	}
	part, err := c.open(manifest, smallPart)
	if err != nil {
		return err
	}
	defer part.Close()
	const encrypted = 1
	x := newScanner(part, manifest, func(_, local string) code {
		if local == "encryption-data" {
			return encrypted
		}
		return 0
	}, 64<<10)
	for {
		t, err := x.next()
		if err != nil {
			return err
		}
		if t == tokenEOF {
			return nil
		}
		if t == tokenStart && x.code == encrypted {
			return fault("the file is protected by a password", "save it without the password")
		}
	}
}

// enter goes to where the sheets are.
func (b *odsBook) enter() error {
	for {
		t, err := b.x.next()
		switch {
		case err != nil:
			return err
		case t == tokenEOF:
			return fault("content.xml has no spreadsheet in it", adviceSaveTable)
		case t != tokenStart:
		case b.x.code == odsSpreadsheet:
			return nil
		case b.x.code != odsDocument && b.x.code != odsBody:
			if err := b.x.skip(); err != nil {
				return err
			}
		}
	}
}

func (b *odsBook) close() error { return b.part.Close() }

// next goes to the next sheet. Only tables directly under the spreadsheet are
// sheets; copies of linked tables stand deeper. At the end it reads to the
// last byte, because only there the check sum is compared.
func (b *odsBook) next() (string, bool, error) {
	for b.inside > 0 && b.x.depth() >= b.inside {
		if _, err := b.x.next(); err != nil {
			return "", false, err
		}
	}
	b.inside = 0
	for {
		t, err := b.x.next()
		switch {
		case err != nil:
			return "", false, err
		case t == tokenEOF:
			return "", false, nil
		case t != tokenStart:
		case b.x.code == odsTable:
			b.inside, b.number = b.x.depth(), 1
			name, err := b.text(odsAttrName)
			return name, true, err
		default:
			if err := b.x.skip(); err != nil {
				return "", false, err
			}
		}
	}
}

// text is an attribute of the tag the scanner stands on.
func (b *odsBook) text(c code) (string, error) {
	for _, a := range b.x.attrs {
		if a.code != c {
			continue
		}
		if len(a.value) > b.limits.MaxCellBytes {
			return "", b.x.malformed("a name that is far too long")
		}
		text, err := appendText(nil, a.value, false)
		return string(text), b.x.told(err)
	}
	return "", nil
}

// fill reads rows until one holds something.
func (b *odsBook) fill(r *row) (bool, error) {
	for {
		t, err := b.x.next()
		if err != nil {
			return false, b.inRow(err)
		}
		switch {
		case t == tokenEnd && b.x.depth() < b.inside:
			b.inside = 0
			return false, nil
		case t != tokenStart || b.x.code == odsRowGroup:
		case b.x.code == odsRow:
			if ok, err := b.readRow(r); ok || err != nil {
				return ok, err
			}
		default:
			if err := b.x.skip(); err != nil {
				return false, b.inRow(err)
			}
		}
	}
}

// inRow places a fault that stands between two rows at the next one.
func (b *odsBook) inRow(err error) error {
	if e, ok := err.(*Error); ok && e.Row == 0 {
		e.Row = b.number
	}
	return err
}

// readRow reads one table:table-row. The last of a sheet usually claims to
// stand there a million times with 16,384 empty cells: nothing is made of it.
func (b *odsBook) readRow(r *row) (bool, error) {
	r.begin(b.number)
	times, err := b.repeated(odsAttrRowsRepeated)
	if err != nil {
		return false, r.here(err)
	}
	b.number += times
	r.again = times - 1
	for depth := b.x.depth(); ; {
		t, err := b.x.next()
		switch {
		case err != nil:
		case t == tokenEnd && b.x.depth() < depth:
			return r.finish(), nil
		case t != tokenStart:
		case b.x.code == odsCell:
			err = b.readCell(r)
		default:
			err = b.x.skip()
		}
		if err != nil {
			return false, r.here(err)
		}
	}
}

// repeated is how often the row or cell stands there.
func (b *odsBook) repeated(c code) (int, error) {
	for i := range b.x.attrs {
		if a := &b.x.attrs[i]; a.code == c {
			return b.count(a.value)
		}
	}
	return 1, nil
}

// count reads a number of repetitions. A spreadsheet has at most 2^20 rows and
// 2^14 columns; a few times that is let through for newer programs.
func (b *odsBook) count(digits []byte) (int, error) {
	n, err := strconv.ParseUint(string(digits), 10, 32)
	if err != nil || n < 1 || n > 1<<24 {
		return 0, b.x.malformed(fmt.Sprintf("an impossible number of repetitions (%q)", digits[:min(len(digits), 20)]))
	}
	return int(n), nil
}

// told puts a fault of a text into words, with its place.
func (x *scanner) told(err error) error {
	if err == nil {
		return nil
	}
	return x.malformed(err.Error())
}

// typed is the attribute that holds the value of a cell of this type; 0: its
// text does.
func typed(valueType []byte) code {
	switch string(valueType) {
	case "float", "percentage", "currency":
		return odsAttrValue
	case "date":
		return odsAttrDate
	case "time":
		return odsAttrTime
	case "boolean":
		return odsAttrBoolean
	}
	return odsAttrString
}
