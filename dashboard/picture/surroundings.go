package picture

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// objects are the values of JavaScript that an instance holds by number: strings,
// errors, bytes, lists, and views of its memory.
type objects struct {
	held map[uint32]any
	last uint32
}

// view is a part of the memory of an instance.
type view struct{ offset, length uint32 }

// walk goes along a list, and step is one of its steps.
type (
	walk struct{ left []any }
	step struct {
		value any
		done  bool
	}
)

type objectsKey struct{}

func withObjects(ctx context.Context) context.Context {
	return context.WithValue(ctx, objectsKey{}, &objects{held: map[uint32]any{}})
}

func objectsOf(ctx context.Context) *objects { return ctx.Value(objectsKey{}).(*objects) }

func (o *objects) add(value any) uint64 {
	o.last++
	o.held[o.last] = value
	return uint64(o.last)
}

func (o *objects) take(handle uint64) any {
	value := o.held[uint32(handle)]
	delete(o.held, uint32(handle))
	return value
}

// surroundings are what resvg-wasm 2.6.2 asks of JavaScript. The names are those
// that its build gave them: another version has others, and is refused when it is
// instantiated.
func surroundings(ctx context.Context, r wazero.Runtime) error {
	b := r.NewHostModuleBuilder("wbg")
	for name, f := range map[string]any{
		"__wbindgen_throw":           func(ctx context.Context, m api.Module, at, length uint32) { panic(errors.New(text(m, at, length))) },
		"__wbindgen_object_drop_ref": func(ctx context.Context, h uint32) { objectsOf(ctx).take(uint64(h)) },
		"__wbindgen_memory":          func(ctx context.Context, m api.Module) uint32 { return added(ctx, view{0, m.Memory().Size()}) },
		"__wbindgen_string_new": func(ctx context.Context, m api.Module, at, length uint32) uint32 {
			return added(ctx, text(m, at, length))
		},
		"__wbindgen_string_get": stringGet,
		"__wbg_new_28c511d9baebfa89": func(ctx context.Context, m api.Module, at, length uint32) uint32 {
			return added(ctx, errors.New(text(m, at, length)))
		},
		"__wbg_new_16b304a2cfa7ff4a":  func(ctx context.Context) uint32 { return added(ctx, []any(nil)) },
		"__wbg_push_a5b05aedc7234f9f": func(context.Context, uint32, uint32) uint32 { panic(errors.New("a list of pictures in the drawing")) },

		"__wbg_values_839f3396d5aac002": func(ctx context.Context, h uint32) uint32 {
			list, _ := held(ctx, h).([]any)
			return added(ctx, &walk{list})
		},
		"__wbg_next_196c84450b364254": func(ctx context.Context, h uint32) uint32 {
			w := held(ctx, h).(*walk)
			if len(w.left) == 0 {
				return added(ctx, step{done: true})
			}
			value := w.left[0]
			w.left = w.left[1:]
			return added(ctx, step{value: value})
		},
		"__wbg_done_298b57d23c0fc80c":  func(ctx context.Context, h uint32) uint32 { return truth(held(ctx, h).(step).done) },
		"__wbg_value_d93c65011f51a456": func(ctx context.Context, h uint32) uint32 { return added(ctx, held(ctx, h).(step).value) },

		"__wbg_buffer_12d079cc21e14bdb": func(ctx context.Context, h uint32) uint32 { return added(ctx, held(ctx, h)) },
		"__wbg_newwithbyteoffsetandlength_aa4a17c33a06e5cb": func(ctx context.Context, _, offset, length uint32) uint32 {
			return added(ctx, view{offset, length})
		},
		"__wbg_new_63b92bc8671ed464":                   newBytes,
		"__wbg_instanceof_Uint8Array_2b3bbecd033d19f6": isBytes,
		"__wbg_length_c20a40f15020d68a":                lengthOf,
		"__wbg_set_a47bac70306a19a7":                   setBytes,
	} {
		b.NewFunctionBuilder().WithFunc(f).Export(name)
	}
	_, err := b.Instantiate(ctx)
	return err
}

func added(ctx context.Context, value any) uint32 { return uint32(objectsOf(ctx).add(value)) }

func held(ctx context.Context, h uint32) any { return objectsOf(ctx).held[h] }

func truth(is bool) uint32 {
	if is {
		return 1
	}
	return 0
}

// text is a copy of a part of the memory.
func text(m api.Module, at, length uint32) string { return string(part(m, at, length)) }

// part is a part of the memory itself. What is outside it ends the instance.
func part(m api.Module, at, length uint32) []byte {
	bytes, ok := m.Memory().Read(at, length)
	if !ok {
		panic(errors.New("it asked for what is outside its memory"))
	}
	return bytes
}

// stringGet puts where a string stands, and its length, into the memory; a value
// that is no string stands nowhere.
func stringGet(ctx context.Context, m api.Module, answer, h uint32) {
	var at, length uint64
	if s, is := held(ctx, h).(string); is {
		var err error
		if at, length, err = pass(ctx, m, s); err != nil {
			panic(err)
		}
	}
	m.Memory().WriteUint32Le(answer, uint32(at))
	m.Memory().WriteUint32Le(answer+4, uint32(length))
}

// newBytes copies bytes; of the memory as a whole it is a view, as in JavaScript.
func newBytes(ctx context.Context, m api.Module, h uint32) uint32 {
	switch value := held(ctx, h).(type) {
	case view:
		if value.offset == 0 && value.length == m.Memory().Size() {
			return added(ctx, value)
		}
		return added(ctx, slices.Clone(part(m, value.offset, value.length)))
	case []byte:
		return added(ctx, slices.Clone(value))
	}
	panic(errors.New("bytes of what has none"))
}

func isBytes(ctx context.Context, h uint32) uint32 {
	_, is := held(ctx, h).([]byte)
	return truth(is)
}

func lengthOf(ctx context.Context, h uint32) uint32 {
	if value, is := held(ctx, h).(view); is {
		return value.length
	}
	return uint32(len(held(ctx, h).([]byte)))
}

// setBytes copies bytes into a view of the memory.
func setBytes(ctx context.Context, m api.Module, into, from, offset uint32) {
	bytes := held(ctx, from).([]byte)
	copy(part(m, held(ctx, into).(view).offset+offset, uint32(len(bytes))), bytes)
}

// call calls a function of the instance that gives one number.
func call(ctx context.Context, m api.Module, name string, arguments ...uint64) (uint64, error) {
	f := m.ExportedFunction(name)
	if f == nil {
		return 0, fmt.Errorf("it has no function %s", name)
	}
	results, err := f.Call(ctx, arguments...)
	if err != nil || len(results) == 0 {
		return 0, err
	}
	return results[0], nil
}

// result calls a function that puts what it gives at answer: a handle, or the one
// of an error.
func result(ctx context.Context, m api.Module, name string, answer uint64, arguments ...uint64) (uint64, error) {
	if _, err := call(ctx, m, name, append([]uint64{answer}, arguments...)...); err != nil {
		return 0, err
	}
	word := func(n uint32) uint32 { w, _ := m.Memory().ReadUint32Le(uint32(answer) + 4*n); return w }
	if word(2) != 0 {
		return 0, fmt.Errorf("%v", objectsOf(ctx).take(uint64(word(1))))
	}
	return uint64(word(0)), nil
}

// pass puts a text into the memory of the instance, which frees it.
func pass(ctx context.Context, m api.Module, s string) (at, length uint64, err error) {
	if at, err = call(ctx, m, "__wbindgen_malloc", uint64(len(s)), 1); err != nil {
		return 0, 0, err
	}
	if !m.Memory().WriteString(uint32(at), s) {
		return 0, 0, errors.New("the text does not fit into its memory")
	}
	return at, uint64(len(s)), nil
}
