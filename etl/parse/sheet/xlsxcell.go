package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// readCell reads one cell and puts it where its reference says; without a
// reference it is the one after the last.
func (b *xlsxBook) readCell(r *row) error {
	kind, style := byte('n'), -1
	for i := range b.x.attrs {
		a := &b.x.attrs[i]
		switch a.code {
		case xlsxAttrR:
			if err := b.moveTo(r, a.value); err != nil {
				return err
			}
		case xlsxAttrT:
			kind = cellKind(a.value)
		case xlsxAttrS:
			style = decimal(a.value)
		}
	}
	start := len(r.text)
	for depth := b.x.depth(); ; {
		t, err := b.x.next()
		switch {
		case err != nil:
		case t == tokenEnd && b.x.depth() < depth:
			if err := b.convert(r, start, kind, style); err != nil {
				return err
			}
			return r.put(start, 1)
		case t != tokenStart:
		case b.x.code == xlsxValue:
			err = b.readString(r, start, false)
		case b.x.code == xlsxInline:
			err = b.readString(r, start, true)
		default:
			err = b.x.skip()
		}
		if err != nil {
			return err
		}
	}
}

// cellKind is the type of a cell in one letter: n number or date as text, s
// shared string, i string of its own, b truth value; e, an error such as
// #DIV/0!, is kept as its text.
func cellKind(t []byte) byte {
	switch string(t) {
	case "s":
		return 's'
	case "str", "inlineStr":
		return 'i'
	case "b":
		return 'b'
	case "e", "d":
		return 'e'
	}
	return 'n'
}

// moveTo goes to the column of a reference such as C5.
func (b *xlsxBook) moveTo(r *row, reference []byte) error {
	i, column := 0, 0
	for i < len(reference) && i < 4 && reference[i]|0x20 >= 'a' && reference[i]|0x20 <= 'z' {
		column = column*26 + int(reference[i]|0x20-'a') + 1
		i++
	}
	if i == 0 || decimal(reference[i:]) != r.number || column <= r.column {
		return fault(fmt.Sprintf("a cell says that its place is %q, which cannot be", reference[:min(len(reference), 20)]), adviceSaveAgain)
	}
	r.column = column - 1
	return nil
}

// readString adds the text of a value; of a rich text, all its runs, but not
// the readings that East Asian texts carry.
func (b *xlsxBook) readString(r *row, start int, rich bool) error {
	var err error
	r.text, err = b.x.appendString(r.text, rich, start+b.parts.limits.MaxCellBytes)
	if err == errLong {
		return r.fits(start)
	}
	return err
}

// convert turns what the file holds into what the cell is.
func (b *xlsxBook) convert(r *row, start int, kind byte, style int) error {
	stored := r.text[start:]
	if len(stored) == 0 {
		return nil
	}
	switch kind {
	case 's':
		index := decimal(stored)
		if index < 0 || index >= b.strings.count() {
			return fault("the cell refers to a shared text that is not in the file", adviceSaveAgain)
		}
		r.text = append(r.text[:start], b.strings.at(index)...)
	case 'i':
		r.text = unescape(r.text, start)
	case 'b':
		switch string(stored) {
		case "1":
			r.text = append(r.text[:start], "true"...)
		case "0":
			r.text = append(r.text[:start], "false"...)
		}
	case 'n':
		if b.dates.is(style) {
			r.text = b.dates.append(r.text[:start], string(stored))
		}
	}
	return nil
}

// errLong is a text that outgrew its limit.
var errLong = errors.New("the text is too long")

// appendString reads the element the scanner stands on: its text (rich false)
// or that of the t elements in it and in its runs (rich true). It stops with
// errLong when dst grows beyond most.
func (x *scanner) appendString(dst []byte, rich bool, most int) ([]byte, error) {
	inText := !rich
	for depth := x.depth(); ; {
		t, err := x.next()
		switch {
		case err != nil:
			return dst, err
		case t == tokenEnd:
			if x.depth() < depth {
				return dst, nil
			}
			inText = inText && !(rich && x.code == xlsxText)
		case t == tokenText:
			if !inText {
				continue
			}
			if dst, err = appendText(dst, x.text, x.cdata); err != nil {
				return dst, x.told(err)
			}
			if len(dst) > most {
				return dst, errLong
			}
		case rich && x.code == xlsxText:
			inText = true
		case rich && x.code == xlsxRun:
		default:
			if err := x.skip(); err != nil {
				return dst, err
			}
		}
	}
}

// unescape turns _x000D_, with which Excel writes characters that XML does not
// allow, into the character. Line ends become "\n".
func unescape(text []byte, start int) []byte {
	if !bytes.Contains(text[start:], []byte("_x")) {
		return text
	}
	in := string(text[start:])
	out := text[:start]
	for {
		i := strings.Index(in, "_x")
		if i < 0 {
			break
		}
		if len(in) >= i+7 && in[i+6] == '_' {
			if n, err := strconv.ParseUint(in[i+2:i+6], 16, 16); err == nil && utf8.ValidRune(rune(n)) {
				out = append(out, in[:i]...)
				out = utf8.AppendRune(out, rune(n))
				in = in[i+7:]
				continue
			}
		}
		out = append(out, in[:i+2]...)
		in = in[i+2:]
	}
	out = append(out, in...)
	return oneLineEnd(out, start)
}

// oneLineEnd makes every CR LF and lone CR from start on a "\n".
func oneLineEnd(text []byte, start int) []byte {
	kept := text[:start]
	for i := start; i < len(text); i++ {
		if text[i] != '\r' {
			kept = append(kept, text[i])
			continue
		}
		kept = append(kept, '\n')
		if i+1 < len(text) && text[i+1] == '\n' {
			i++
		}
	}
	return kept
}
