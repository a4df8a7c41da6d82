// Package picture makes PNG of the charts that dashboard/draw drew, for mails:
// mail programs do not show SVG.
//
// resvg does it, compiled to WebAssembly and run without cgo. It has a memory of
// its own with an end, no file, no clock and no network: what a drawing holds can
// at most spoil its own picture. Each picture is made in a fresh instance.
package picture

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"runtime"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Family is the name of the fonts that a painter is made with.
const Family = "Arimo"

// Zoom is how many pixels of a picture stand for one of the drawing: screens have
// two or more for one.
const Zoom = 2

const (
	pagesOfMemory = 1024 // of 64 KiB: the largest chart takes a third
	longest       = 20 * time.Second
	largestSVG    = 2 << 20
)

var (
	errLarge = errors.New("the drawing is too large for a picture")
	errBlank = errors.New("the picture is empty")
)

// A Painter makes pictures. It is safe for use by several at once.
type Painter struct {
	fonts []any
	// turns are how many pictures are made side by side. What takes too long cannot be
	// ended, which would make all of it ten times as slow: it keeps its turn.
	turns   chan struct{}
	runtime func() (wazero.Runtime, wazero.CompiledModule, error)
}

// New is a painter with the text of resvg.wasm, and fonts of the family. Nothing is
// compiled before the first picture.
func New(wasm []byte, fonts ...[]byte) *Painter {
	p := &Painter{turns: make(chan struct{}, runtime.GOMAXPROCS(0))}
	for _, font := range fonts {
		p.fonts = append(p.fonts, font)
	}
	type compiled struct {
		wazero.Runtime
		module wazero.CompiledModule
	}
	once := sync.OnceValues(func() (compiled, error) {
		ctx := context.Background()
		r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithMemoryLimitPages(pagesOfMemory))
		if err := surroundings(ctx, r); err != nil {
			return compiled{}, fmt.Errorf("compile what makes pictures: %w", err)
		}
		module, err := r.CompileModule(ctx, wasm)
		if err != nil {
			return compiled{}, fmt.Errorf("compile what makes pictures: %w", err)
		}
		return compiled{r, module}, nil
	})
	p.runtime = func() (wazero.Runtime, wazero.CompiledModule, error) {
		c, err := once()
		return c.Runtime, c.module, err
	}
	return p
}

// PNG is the picture of an SVG, on white, with Zoom pixels for one of its own. An
// SVG that cannot be read, is too large or takes too long is an error, and so is a
// picture that has one colour only.
func (p *Painter) PNG(ctx context.Context, svg []byte) ([]byte, error) {
	if len(svg) > largestSVG {
		return nil, errLarge
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("make a picture: %w", err)
	}
	// What is compiled once is not of the time that one picture may take.
	if _, _, err := p.runtime(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	select {
	case p.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the turn to make a picture: %w", ctx.Err())
	}
	type made struct {
		picture []byte
		err     error
	}
	done := make(chan made, 1)
	go func() {
		defer func() { <-p.turns }()
		picture, err := p.make(context.WithoutCancel(ctx), string(svg))
		done <- made{picture, err}
	}()
	select {
	case m := <-done:
		return m.picture, m.err
	case <-ctx.Done():
		return nil, fmt.Errorf("make a picture: %w", ctx.Err())
	}
}

// make makes a picture in an instance of its own.
func (p *Painter) make(ctx context.Context, svg string) (picture []byte, err error) {
	r, module, err := p.runtime()
	if err != nil {
		return nil, err
	}
	ctx = withObjects(ctx)
	m, err := r.InstantiateModule(ctx, module, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return nil, fmt.Errorf("make a picture: %w", err)
	}
	defer func() { _ = m.Close(ctx) }() // its memory is given back whatever it says
	if picture, err = p.paint(ctx, m, svg); err != nil {
		return nil, fmt.Errorf("make a picture: %w", err)
	}
	return picture, notBlank(picture)
}

// options are those of resvg-js that are not as they are by themselves.
func options() string {
	text, _ := json.Marshal(map[string]any{ // nothing in it can fail
		"background": "#FFFFFF",
		"fitTo":      map[string]any{"mode": "zoom", "value": Zoom},
		"font":       map[string]any{"defaultFontFamily": Family, "sansSerifFamily": Family, "serifFamily": Family, "monospaceFamily": Family},
	})
	return string(text)
}

// paint has an instance read the drawing, render it, and hand out the PNG. Each of
// these calls puts what it gives, and whether that is an error, where it is told.
func (p *Painter) paint(ctx context.Context, m api.Module, svg string) ([]byte, error) {
	o := objectsOf(ctx)
	answer, err := call(ctx, m, "__wbindgen_add_to_stack_pointer", api.EncodeI32(-16))
	if err != nil {
		return nil, err
	}
	at, length, err := pass(ctx, m, options())
	if err != nil {
		return nil, err
	}
	drawing, err := result(ctx, m, "resvg_new", answer, o.add(svg), at, length, o.add(p.fonts))
	if err != nil {
		return nil, err
	}
	image, err := result(ctx, m, "resvg_render", answer, drawing)
	if err != nil {
		return nil, err
	}
	handle, err := result(ctx, m, "renderedimage_asPng", answer, image)
	if err != nil {
		return nil, err
	}
	picture, ok := o.take(handle).([]byte)
	if !ok {
		return nil, errors.New("it gave no bytes")
	}
	return picture, nil
}

// notBlank refuses a picture that shows nothing: nobody would notice that in a mail.
func notBlank(picture []byte) error {
	read, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return fmt.Errorf("make a picture: %w", err)
	}
	b := read.Bounds()
	first := read.At(b.Min.X, b.Min.Y)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if read.At(x, y) != first {
				return nil
			}
		}
	}
	return errBlank
}
