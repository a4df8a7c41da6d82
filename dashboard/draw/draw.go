// Package draw turns the option of a chart into SVG, on the server: ECharts
// itself does it, in a JavaScript engine written in Go. What the engine makes is
// never trusted: it is read as XML and written anew, and only what a drawing
// needs comes through.
//
// A few engines work side by side. Each drawing is bounded in time, in memory,
// and in the size of what goes in and comes out; an engine that went beyond is
// thrown away. What was drawn is kept, and several who ask for the same drawing
// wait for one.
package draw

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/dop251/goja"
	"golang.org/x/sync/singleflight"

	"stalkstats/internal/lately"
)

// A Box is how large a drawing is, in CSS pixels.
type Box struct{ Width, Height int }

// A Chart is what is to be drawn: the option that the page's script starts the
// same chart from, and how large.
type Chart struct {
	ID     string // no other chart of a page has it
	Option []byte // JSON
	Box    Box
}

// A Drawing is the inside of an SVG: what stands between its tags.
type Drawing struct {
	Box
	Inside []byte
}

// Limits bound what drawing may take.
type Limits struct {
	Engines   int           // that work side by side
	Time      time.Duration // that one chart may take
	Patience  time.Duration // that one waits for an engine
	Memory    uint64        // by which what the program holds may grow while one chart is drawn, in bytes
	Option    int           // bytes
	Drawing   int           // bytes
	Kept      int           // bytes of all drawings that are kept
	PerEngine int           // charts, after which an engine is made anew
}

// Usual is the limits that fit pages of figures. A chart of a page takes a hundredth
// of the time and of the sizes: where a load takes both processors, a chart that comes
// late is better than none.
func Usual() Limits {
	return Limits{
		Engines: runtime.GOMAXPROCS(0), Time: 10 * time.Second, Patience: 20 * time.Second, Memory: 512 << 20,
		Option: 1 << 20, Drawing: 2 << 20, Kept: 32 << 20, PerEngine: 1000,
	}
}

// What a chart cannot be drawn for.
var (
	ErrTooLarge  = errors.New("the chart is too large to be drawn")
	ErrTooLong   = errors.New("drawing the chart took too long")
	ErrTooMuch   = errors.New("drawing the chart took too much memory")
	ErrBusy      = errors.New("no engine was free to draw the chart")
	errNoOption  = errors.New("the option of the chart is no JSON")
	errNoDrawing = errors.New("the engine made no drawing")
)

// A Library is ECharts, compiled when it is first needed. Several renderers may
// share one.
type Library struct {
	program func() (*goja.Program, error)
}

// NewLibrary is the library with a text, that of echarts.min.js.
func NewLibrary(text []byte) *Library {
	return &Library{sync.OnceValues(func() (*goja.Program, error) {
		program, err := goja.Compile("echarts.min.js", string(text), true)
		if err != nil {
			return nil, fmt.Errorf("compile the chart library: %w", err)
		}
		return program, nil
	})}
}

// A Renderer draws charts. It is safe for use by several at once.
type Renderer struct {
	limits  Limits
	library *Library
	engines chan *engine // free ones; nil stands for one that has yet to be made
	kept    *lately.Asked[[sha256.Size]byte, Drawing]
	asking  singleflight.Group
}

// New is a renderer that draws with a library. An engine is made with the first
// chart, or by Warm.
func New(library *Library, limits Limits) *Renderer {
	r := &Renderer{limits: limits, library: library, kept: lately.New[[sha256.Size]byte, Drawing](limits.Kept), engines: make(chan *engine, limits.Engines)}
	for range limits.Engines {
		r.engines <- nil
	}
	return r
}

// Warm makes one engine, so that the first reader does not wait for it.
func (r *Renderer) Warm() error {
	e, err := r.take(context.Background())
	if err != nil {
		return err
	}
	if e == nil {
		e, err = r.make()
	}
	r.engines <- e
	return err
}

// Draw is the drawing of a chart. The same option in the same box gives the same
// bytes, whichever engine drew it and whatever it drew before.
func (r *Renderer) Draw(ctx context.Context, c Chart) (Drawing, error) {
	key := c.key()
	if drawing, ok := r.kept.Get(key); ok {
		return drawing, nil
	}
	if len(c.Option) > r.limits.Option {
		return Drawing{}, ErrTooLarge
	}
	if !json.Valid(c.Option) { // also where it is nested beyond all measure
		return Drawing{}, errNoOption
	}
	// Whoever asks may go away: the chart is drawn to its end for the others, and
	// kept. It has bounds of its own.
	waiting := r.asking.DoChan(string(key[:]), func() (any, error) {
		if drawing, ok := r.kept.Get(key); ok { // drawn since it was looked for
			return drawing, nil
		}
		drawing, err := r.draw(context.WithoutCancel(ctx), c)
		if err == nil {
			r.kept.Put(key, drawing, len(drawing.Inside))
		}
		return drawing, err
	})
	select {
	case <-ctx.Done():
		return Drawing{}, ctx.Err()
	case drawn := <-waiting:
		if drawn.Err != nil {
			return Drawing{}, drawn.Err
		}
		return drawn.Val.(Drawing), nil
	}
}

// key names what is drawn: everything that the drawing depends on.
func (c Chart) key() [sha256.Size]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%q %v %d\n", c.ID, c.Box, len(c.Option))
	h.Write(c.Option)
	return [sha256.Size]byte(h.Sum(nil))
}

// draw has an engine draw a chart, and cleans what it made.
func (r *Renderer) draw(ctx context.Context, c Chart) (d Drawing, err error) {
	defer recovered(&err)
	e, err := r.take(ctx)
	if err != nil {
		return d, err
	}
	if e == nil {
		if e, err = r.make(); err != nil {
			r.engines <- nil
			return d, err
		}
	}
	svg, err := e.draw(c, r.limits)
	if err != nil || e.drawn >= r.limits.PerEngine {
		e = nil // what state it is in nobody knows, or what it still holds
	}
	r.engines <- e
	if err != nil {
		return d, err
	}
	if len(svg) > r.limits.Drawing {
		return d, ErrTooLarge
	}
	inside, err := clean([]byte(svg), fmt.Sprintf("%s-%d-", c.ID, c.Box.Width))
	if err != nil {
		return d, fmt.Errorf("clean the drawing: %w", err)
	}
	return Drawing{c.Box, inside}, nil
}

// take waits for a free engine.
func (r *Renderer) take(ctx context.Context) (*engine, error) {
	select {
	case e := <-r.engines:
		return e, nil
	default:
	}
	patience := time.NewTimer(r.limits.Patience)
	defer patience.Stop()
	select {
	case e := <-r.engines:
		return e, nil
	case <-patience.C:
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (r *Renderer) make() (*engine, error) {
	program, err := r.library.program()
	if err != nil {
		return nil, err
	}
	return newEngine(program)
}
