package sheet

import (
	"io"
	"sync"
)

const (
	chunkSize = 128 << 10
	chunks    = 4
)

// ahead reads a part in a goroutine of its own, a few chunks ahead, so that
// unpacking and parsing share two cores. The goroutine ends at the end of the
// part, at a fault, and when Close is called.
type ahead struct {
	src   io.ReadCloser
	full  chan chunk
	empty chan []byte
	stop  chan struct{}
	done  chan struct{}
	once  sync.Once
	now   chunk
	rest  []byte
}

// chunk is what one round of reading gave; err comes after its bytes.
type chunk struct {
	data []byte
	err  error
}

func newAhead(src io.ReadCloser) *ahead {
	a := &ahead{
		src:   src,
		full:  make(chan chunk, chunks),
		empty: make(chan []byte, chunks),
		stop:  make(chan struct{}),
		done:  make(chan struct{}),
	}
	for range chunks {
		a.empty <- make([]byte, chunkSize)
	}
	go a.run()
	return a
}

func (a *ahead) run() {
	defer close(a.done)
	for {
		var c chunk
		select {
		case c.data = <-a.empty:
		case <-a.stop:
			return
		}
		n := 0
		for n < len(c.data) && c.err == nil {
			var k int
			k, c.err = a.src.Read(c.data[n:])
			n += k
		}
		c.data = c.data[:n]
		a.full <- c // never waits: there are as many places as chunks
		if c.err != nil {
			return
		}
	}
}

// Read gives what was read ahead.
func (a *ahead) Read(p []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.now.err != nil {
			return 0, a.now.err
		}
		if a.now.data != nil {
			a.empty <- a.now.data[:cap(a.now.data)]
			a.now.data = nil
		}
		select {
		case a.now = <-a.full:
			a.rest = a.now.data
		case <-a.stop:
			return 0, io.ErrClosedPipe
		}
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// Close stops the goroutine, waits until it has ended and closes the part.
func (a *ahead) Close() error {
	var err error
	a.once.Do(func() {
		close(a.stop)
		<-a.done
		err = a.src.Close()
	})
	return err
}
