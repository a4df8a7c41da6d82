package sheet

import (
	"fmt"
	"math"
)

// sharedStrings are the texts of a workbook, each once: all in one piece of
// memory, with the place where each ends. A Home Office outcomes file has a
// few thousand of them, a list of record numbers a million.
type sharedStrings struct {
	text []byte
	ends []uint32
}

func (s *sharedStrings) count() int { return len(s.ends) }

func (s *sharedStrings) at(i int) []byte {
	start := uint32(0)
	if i > 0 {
		start = s.ends[i-1]
	}
	return s.text[start:s.ends[i]]
}

// read fills the list from its part.
func (s *sharedStrings) read(c *container, name string) (err error) {
	part, err := c.open(name, math.MaxInt64)
	if err != nil {
		return err
	}
	defer part.Close()
	most := min(c.limits.MaxStrings, math.MaxInt32)
	x := newScanner(part, name, xlsxWords, scannerSize(c.limits))
	for {
		t, err := x.next()
		if err != nil || t == tokenEOF {
			return err
		}
		if t != tokenStart || x.code != xlsxStringItem {
			continue
		}
		start := len(s.text)
		if s.text, err = x.appendString(s.text, true, most); err == nil {
			s.text = unescape(s.text, start)
			s.ends = append(s.ends, uint32(len(s.text)))
		}
		if err == errLong || len(s.text)+4*len(s.ends) > most {
			return fault(fmt.Sprintf("the texts of the workbook take more than %d bytes", most), adviceLimit)
		}
		if err != nil {
			return err
		}
	}
}
