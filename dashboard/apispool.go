package dashboard

import (
	"bytes"
	"fmt"
	"io"

	"github.com/klauspost/compress/s2"
)

// A spool holds a page of figures until it is known what follows it, which an
// answer says before its figures. It holds it packed: figures are much alike,
// and 100,000 of them take a few megabytes.
type spool struct {
	packed bytes.Buffer
	in     *s2.Writer
}

func newSpool() *spool {
	s := &spool{}
	s.in = s2.NewWriter(&s.packed, s2.WriterConcurrency(1), s2.WriterBlockSize(256<<10))
	return s
}

// Write implements io.Writer.
func (s *spool) Write(p []byte) (int, error) { return s.in.Write(p) }

// sendTo ends the spool and writes what it holds.
func (s *spool) sendTo(w io.Writer) error {
	if err := s.in.Close(); err != nil {
		return fmt.Errorf("end the page: %w", err)
	}
	_, err := io.Copy(w, s2.NewReader(&s.packed, s2.ReaderMaxBlockSize(256<<10)))
	return err
}
