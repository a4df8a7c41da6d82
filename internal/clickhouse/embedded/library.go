package embedded

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// handle is an address that belongs to the library: a connection, a result or
// an insert stream. Go never looks behind it.
type handle uintptr

// library holds the functions of libchdb that this package calls. Sizes and
// lengths are in bytes. Every text is passed with its length, so it may hold
// NUL bytes.
type library struct {
	version           func() string
	setSignalHandlers func(enabled int32)
	connect           func(argc int32, argv **byte) *handle
	closeConn         func(conn *handle)
	query             func(conn handle, sql *byte, sqlLen uintptr, format *byte, formatLen uintptr,
		names **byte, nameLens *uintptr, values **byte, valueLens *uintptr, n uintptr) handle
	stream func(conn handle, sql *byte, sqlLen uintptr, format *byte, formatLen uintptr,
		names **byte, nameLens *uintptr, values **byte, valueLens *uintptr, n uintptr) handle
	fetch         func(conn, stream handle) handle
	cancel        func(conn, stream handle)
	destroy       func(result handle)
	resultBuffer  func(result handle) *byte
	resultLength  func(result handle) uintptr
	resultError   func(result handle) *byte
	insert        func(conn handle, sql *byte, sqlLen uintptr, format *byte, formatLen uintptr) handle
	insertAppend  func(insert handle, data *byte, n uintptr) int32
	insertDone    func(insert handle) handle
	insertCancel  func(insert handle)
	insertError   func(insert handle) *byte
	insertDestroy func(insert handle)
	classify      func(conn handle, sql *byte, sqlLen uintptr, database *byte, databaseLen uintptr, out *analysis) int32
}

// analysis is the engine's chdb_query_analysis_v1.
type analysis struct {
	size       uint32
	statements uint32
	_          uint32 // flags
	class      uint32
}

// The engine's classes of statements. Only the first answers with rows alone.
const (
	classReadOnly = 0
	classControl  = 3
	classUnknown  = 4
)

// loaded is the library of this process. It can be loaded once only: its
// engine keeps global state, and unloading it is not supported.
var loaded struct {
	sync.Mutex
	lib *library
}

// load loads libchdb from path, or returns the one loaded before, whatever its
// path was.
func load(path string) (*library, error) {
	loaded.Lock()
	defer loaded.Unlock()
	if loaded.lib != nil {
		return loaded.lib, nil
	}
	so, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("load the ClickHouse engine library %s: %w", path, err)
	}
	lib, err := bind(so)
	if err != nil {
		return nil, fmt.Errorf("load the ClickHouse engine library %s: %w", path, err)
	}
	// The engine's handlers of SIGSEGV and the like would replace Go's, which
	// turn a nil pointer into a panic that a handler may recover.
	lib.setSignalHandlers(0)
	loaded.lib = lib
	return lib, nil
}

// bind looks up every function. A library that lacks one is too old.
func bind(so uintptr) (*library, error) {
	lib := &library{}
	var missing error
	for name, fn := range map[string]any{
		"chdb_version":                     &lib.version,
		"chdb_set_signal_handlers_enabled": &lib.setSignalHandlers,
		"chdb_connect":                     &lib.connect,
		"chdb_close_conn":                  &lib.closeConn,
		"chdb_query_with_params_n":         &lib.query,
		"chdb_stream_query_with_params_n":  &lib.stream,
		"chdb_stream_fetch_result":         &lib.fetch,
		"chdb_stream_cancel_query":         &lib.cancel,
		"chdb_destroy_query_result":        &lib.destroy,
		"chdb_result_buffer":               &lib.resultBuffer,
		"chdb_result_length":               &lib.resultLength,
		"chdb_result_error":                &lib.resultError,
		"chdb_stream_insert_n":             &lib.insert,
		"chdb_stream_append":               &lib.insertAppend,
		"chdb_stream_done":                 &lib.insertDone,
		"chdb_stream_cancel_insert":        &lib.insertCancel,
		"chdb_stream_insert_error":         &lib.insertError,
		"chdb_destroy_insert_stream":       &lib.insertDestroy,
		"chdb_classify_query_n":            &lib.classify,
	} {
		symbol, err := purego.Dlsym(so, name)
		if err != nil {
			missing = errors.Join(missing, err)
			continue
		}
		purego.RegisterFunc(fn, symbol)
	}
	return lib, missing
}

// open opens a connection with the command line flags of `clickhouse local`,
// or returns nil when the engine refuses.
func (l *library) open(flags []string) *handle {
	var pin runtime.Pinner
	defer pin.Unpin()
	argv := make([]*byte, 0, len(flags)+2)
	for _, flag := range append([]string{"clickhouse"}, flags...) {
		text := append([]byte(flag), 0)
		pin.Pin(&text[0])
		argv = append(argv, &text[0])
	}
	argc := int32(len(argv))
	argv = append(argv, nil)
	return l.connect(argc, &argv[0])
}

// statement is one SQL statement with its parameters.
type statement struct {
	sql    string
	format string
	params map[string]string
}

// queryFunc is the common shape of library.query and library.stream.
type queryFunc = func(conn handle, sql *byte, sqlLen uintptr, format *byte, formatLen uintptr,
	names **byte, nameLens *uintptr, values **byte, valueLens *uintptr, n uintptr) handle

// call passes a statement to the engine.
func (s statement) call(fn queryFunc, conn handle) handle {
	var pin runtime.Pinner
	defer pin.Unpin()
	n := len(s.params)
	names, values := make([]*byte, 0, n+1), make([]*byte, 0, n+1)
	nameLens, valueLens := make([]uintptr, 0, n+1), make([]uintptr, 0, n+1)
	for name, value := range s.params {
		names, nameLens = append(names, bytesOf(name, &pin)), append(nameLens, uintptr(len(name)))
		values, valueLens = append(values, bytesOf(value, &pin)), append(valueLens, uintptr(len(value)))
	}
	// One more element than needed gives the arrays an address when empty.
	names, values = append(names, nil), append(values, nil)
	nameLens, valueLens = append(nameLens, 0), append(valueLens, 0)
	return fn(conn, bytesOf(s.sql, &pin), uintptr(len(s.sql)), bytesOf(s.format, &pin), uintptr(len(s.format)),
		&names[0], &nameLens[0], &values[0], &valueLens[0], uintptr(n))
}

// bytesOf gives the address of a copy of s that stays in place until pin is
// released. The engine refuses a nil address even for an empty text.
func bytesOf(s string, pin *runtime.Pinner) *byte {
	b := append([]byte(s), 0)
	pin.Pin(&b[0])
	return &b[0]
}

// text copies a C string; nil gives the empty text.
func text(p *byte) string {
	if p == nil {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(p), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(p, n))
}

// data is a result's bytes in the engine's memory, valid until it is destroyed.
func (l *library) data(result handle) []byte {
	p, n := l.resultBuffer(result), l.resultLength(result)
	if p == nil || n == 0 {
		return nil
	}
	return unsafe.Slice(p, n)
}
