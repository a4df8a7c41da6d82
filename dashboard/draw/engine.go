package draw

import (
	_ "embed"
	"errors"
	"fmt"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/dop251/goja"
)

// surroundings is what ECharts wants of a browser.
//
//go:embed surroundings.js
var surroundings string

// ours is the function that draws a chart.
//
//go:embed draw.js
var ours string

// deepest is how many calls may stand in each other; ECharts needs a tenth.
const deepest = 2000

// An engine is a JavaScript engine with ECharts in it. One draws one chart at a
// time.
type engine struct {
	vm     *goja.Runtime
	paints goja.Callable
	drawn  int
}

func newEngine(library *goja.Program) (e *engine, err error) {
	defer recovered(&err)
	vm := goja.New()
	vm.SetMaxCallStackSize(deepest)
	if _, err := vm.RunString(surroundings); err != nil {
		return nil, fmt.Errorf("start the engine: %w", err)
	}
	if _, err := vm.RunProgram(library); err != nil {
		return nil, fmt.Errorf("load the chart library: %w", err)
	}
	value, err := vm.RunString(ours)
	if err != nil {
		return nil, fmt.Errorf("load what draws: %w", err)
	}
	paints, ok := goja.AssertFunction(value)
	if !ok {
		return nil, errors.New("what draws is no function")
	}
	return &engine{vm: vm, paints: paints}, nil
}

// draw is the SVG of a chart as ECharts wrote it. After an error the engine must
// not be used again.
func (e *engine) draw(c Chart, limits Limits) (svg string, err error) {
	defer recovered(&err)
	e.drawn++
	done := make(chan struct{})
	stop := sync.OnceFunc(func() { close(done) })
	defer stop()
	watched := make(chan error, 1)
	go func() { watched <- e.watch(done, limits) }()
	value, err := e.paints(goja.Undefined(), e.vm.ToValue(string(c.Option)), e.vm.ToValue(c.Box.Width), e.vm.ToValue(c.Box.Height))
	stop()
	if beyond := <-watched; beyond != nil {
		return "", beyond
	}
	if err != nil {
		return "", fmt.Errorf("draw: %w", err)
	}
	svg, ok := value.Export().(string)
	if !ok {
		return "", errNoDrawing
	}
	return svg, nil
}

// glance is how often an engine's memory is looked at.
const glance = 20 * time.Millisecond

// watch stops the engine when it goes beyond its limits, and says beyond which.
// What is held is that of the whole program: nothing tells what one engine holds, so
// the limit is far above what others may happen to need meanwhile. What they have
// let go and the collector has not yet taken does not count.
func (e *engine) watch(done <-chan struct{}, limits Limits) error {
	late := time.NewTimer(limits.Time)
	defer late.Stop()
	look := time.NewTicker(glance)
	defer look.Stop()
	before := held()
	for {
		select {
		case <-done:
			return nil
		case <-late.C:
			e.vm.Interrupt(ErrTooLong)
			return ErrTooLong
		case <-look.C:
			if now := held(); now > before && now-before > limits.Memory {
				e.vm.Interrupt(ErrTooMuch)
				return ErrTooMuch
			}
		}
	}
}

// held is how many bytes the program's objects took when the collector last looked.
func held() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// recovered makes an error of the engine's panic.
func recovered(err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("the engine gave up: %v", cause)
	}
}
