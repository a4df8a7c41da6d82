package sheet

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// wideText turns UTF-16 into UTF-8. Halves without their other half become a
// byte that is not UTF-8, so that the fault is found with its row and column.
type wideText struct {
	src   *bufio.Reader
	order binary.ByteOrder
	held  uint16 // read already, belongs to the next character
	holds bool
	rest  []byte
	small [utf8.UTFMax]byte
}

const notUTF8 = 0xff

// newUTF16 is nil when the text does not begin with a UTF-16 mark.
func newUTF16(src io.Reader, head []byte) *wideText {
	w := &wideText{}
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		w.order = binary.LittleEndian
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		w.order = binary.BigEndian
	default:
		return nil
	}
	w.src = bufio.NewReader(src)
	// The mark itself; an error comes again with the next read.
	_, _ = w.src.Discard(2)
	return w
}

// ascii is the ASCII part of the first bytes, to look for a delimiter in.
func (w *wideText) ascii(head []byte) []byte {
	var out []byte
	for i := 2; i+1 < len(head); i += 2 {
		if u := w.order.Uint16(head[i:]); u < utf8.RuneSelf {
			out = append(out, byte(u))
		}
	}
	return out
}

// Read gives UTF-8.
func (w *wideText) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(w.rest) == 0 {
			if err := w.character(); err != nil {
				if n > 0 {
					return n, nil
				}
				return 0, err
			}
		}
		k := copy(p[n:], w.rest)
		w.rest = w.rest[k:]
		n += k
	}
	return n, nil
}

// character reads the next character into rest.
func (w *wideText) character() error {
	u, err := w.unit()
	if err != nil {
		return err
	}
	r := rune(u)
	if utf16.IsSurrogate(r) {
		second, err := w.unit()
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if r = utf16.DecodeRune(r, rune(second)); r == utf8.RuneError {
			w.held, w.holds = second, err == nil
			w.small[0] = notUTF8
			w.rest = w.small[:1]
			return nil
		}
	}
	w.rest = utf8.AppendRune(w.small[:0], r)
	return nil
}

func (w *wideText) unit() (uint16, error) {
	if w.holds {
		w.holds = false
		return w.held, nil
	}
	var two [2]byte
	n, err := io.ReadFull(w.src, two[:])
	if n == 1 && errors.Is(err, io.ErrUnexpectedEOF) {
		return 0xd800, nil // half a character at the end
	}
	return w.order.Uint16(two[:]), err
}
