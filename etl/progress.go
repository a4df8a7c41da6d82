package etl

import (
	"io"
	"sync/atomic"
)

// Progress is how far a run has come with its file.
type Progress struct {
	Rows uint64  // read so far
	Done float64 // share of the file's bytes that were read, 0 to 1
}

// positioned remembers how far into the file anybody has read.
type positioned struct {
	r   io.ReaderAt
	end atomic.Int64
}

// ReadAt implements io.ReaderAt. The list of contents at the end of an archive
// is read first: only what is read onwards from what was reached counts.
func (p *positioned) ReadAt(b []byte, at int64) (int, error) {
	n, err := p.r.ReadAt(b, at)
	if reached := p.end.Load(); at <= reached+leap && at+int64(n) > reached {
		p.end.CompareAndSwap(reached, at+int64(n))
	}
	return n, err
}

// leap is how far ahead a read may begin and still count as reading on.
const leap = 1 << 20

func (p *positioned) reached() int64 { return p.end.Load() }
