package sheet

import "fmt"

// readCell reads one cell and puts it into the row. A number, date or truth
// value is what its attribute says, with every digit; the text beside it is
// how it is shown, rounded.
func (b *odsBook) readCell(r *row) error {
	var valueType []byte
	times := 1
	for i := range b.x.attrs {
		a := &b.x.attrs[i]
		switch a.code {
		case odsAttrValueType:
			valueType = a.value
		case odsAttrColumnsRepeated:
			n, err := b.count(a.value)
			if err != nil {
				return err
			}
			times = n
		}
	}
	start := len(r.text)
	if valueType != nil {
		if err := b.readValue(r, typed(valueType)); err != nil {
			return err
		}
	}
	if len(r.text) > start {
		// A string-value goes before the paragraphs, but LibreOffice writes an
		// empty one beside the text of an error such as #DIV/0!, which must
		// not pass for an empty cell: hence the test of the length.
		if err := b.x.skip(); err != nil {
			return err
		}
	} else if err := b.readParagraphs(r); err != nil {
		return err
	}
	return r.put(start, times)
}

func (b *odsBook) readValue(r *row, from code) error {
	for i := range b.x.attrs {
		if a := &b.x.attrs[i]; a.code == from {
			text, err := appendText(r.text, a.value, false)
			r.text = text
			return b.x.told(err)
		}
	}
	return nil
}

// readParagraphs reads the text of a cell. Comments and drawings, which may
// hold paragraphs of their own, are passed over.
func (b *odsBook) readParagraphs(r *row) error {
	x := b.x
	start, first := len(r.text), true
	for depth := x.depth(); ; {
		t, err := x.next()
		switch {
		case err != nil:
			return err
		case t == tokenEnd && x.depth() < depth:
			return nil
		case t != tokenStart || x.code == odsList:
			continue
		case x.code == odsParagraph:
			if !first {
				r.text = append(r.text, '\n')
			}
			first = false
			err = b.readParagraph(r, start)
		case x.code == odsTable:
			err = fault("a table stands inside the cell", "move it to a sheet of its own")
		default:
			err = x.skip()
		}
		if err != nil {
			return err
		}
	}
}

// readParagraph adds the text of one paragraph to the cell that began at start.
func (b *odsBook) readParagraph(r *row, start int) error {
	x := b.x
	spaced := true
	for depth := x.depth(); ; {
		t, err := x.next()
		switch {
		case err != nil:
		case t == tokenText:
			r.text, err = appendParagraph(r.text, x.text, x.cdata, &spaced)
			err = x.told(err)
		case t == tokenEnd:
			if x.depth() < depth {
				return r.fits(start)
			}
		case x.code == odsInline:
		case x.code == odsTab:
			r.text, spaced = append(r.text, '\t'), false
		case x.code == odsLineBreak:
			r.text, spaced = append(r.text, '\n'), false
		case x.code == odsSpaces:
			err = b.readSpaces(r)
			spaced = false
		default:
			err = x.skip()
		}
		if err == nil && len(r.text)-start > r.limits.MaxCellBytes {
			err = r.fits(start)
		}
		if err != nil {
			return err
		}
	}
}

// readSpaces adds the spaces that text:s stands for: one, or as many as text:c says.
func (b *odsBook) readSpaces(r *row) error {
	n, err := b.repeated(odsAttrCount)
	if err != nil {
		return err
	}
	if n > b.limits.MaxCellBytes {
		return fault(fmt.Sprintf("the cell holds %d spaces in a row", n), adviceLimit)
	}
	for range n {
		r.text = append(r.text, ' ')
	}
	return nil
}
