package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A failingDisk stands between a process and the disk below one folder: the
// kernel asks it about each call that needs room there (seccomp_unotify(2)), and
// it lets the call through or answers ENOSPC in the kernel's place. The engine,
// its files and the program are the real ones.
type failingDisk struct {
	dir string

	mu     sync.Mutex
	at     int            // the call that fails, counted from 1; 0: none
	of     *regexp.Regexp // only writes of these files are counted; nil: all calls
	stays  bool           // all calls after it fail too
	calls  int
	failed string // the call that failed, in words
}

// needRoom is the calls that a disk without room refuses.
var needRoom = map[uint32]string{
	unix.SYS_WRITE: "write", unix.SYS_PWRITE64: "write", unix.SYS_WRITEV: "write", unix.SYS_PWRITEV: "write",
	unix.SYS_FALLOCATE: "allocate", unix.SYS_MKDIRAT: "make folder", unix.SYS_RENAMEAT: "rename", unix.SYS_RENAMEAT2: "rename", unix.SYS_OPENAT: "create",
}

func init() {
	if runtime.GOARCH == "amd64" { // which has calls that other machines have not
		needRoom[82], needRoom[83], needRoom[86] = "rename", "make folder", "link"
	}
}

// The offsets in what the kernel's filter is shown of a call: struct seccomp_data.
const (
	callNumber = 0
	openFlags  = 16 + 2*8
)

// filter asks about the calls that need room. To open a file needs some only
// where that may create it.
func filter() []unix.SockFilter {
	statement := func(code uint16, value uint32) unix.SockFilter { return unix.SockFilter{Code: code, K: value} }
	load := func(at uint32) unix.SockFilter { return statement(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, at) }
	skipUnless := func(test uint16, value uint32, skip uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_K | test, K: value, Jf: skip}
	}
	ask, allow := statement(unix.BPF_RET|unix.BPF_K, unix.SECCOMP_RET_USER_NOTIF), statement(unix.BPF_RET|unix.BPF_K, unix.SECCOMP_RET_ALLOW)
	program := []unix.SockFilter{load(callNumber)}
	for number := range needRoom {
		if number != unix.SYS_OPENAT {
			program = append(program, skipUnless(unix.BPF_JEQ, number, 1), ask)
		}
	}
	return append(program, skipUnless(unix.BPF_JEQ, unix.SYS_OPENAT, 3), load(openFlags), skipUnless(unix.BPF_JSET, unix.O_CREAT, 1), ask, allow)
}

// beWatched makes this process one whose calls are asked about, sends the means
// of answering through the socket at descriptor 3, and begins again as what
// another role is.
func beWatched(role string) error {
	runtime.LockOSThread() // the filter is this thread's until the program begins again
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("give up privileges: %w", err)
	}
	code := filter()
	program := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	listener, _, fault := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_NEW_LISTENER|unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, uintptr(unsafe.Pointer(&program)))
	if fault != 0 {
		return fmt.Errorf("watch the calls of this process: %w", fault)
	}
	if err := unix.Sendmsg(3, []byte{0}, unix.UnixRights(int(listener)), nil, 0); err != nil {
		return fmt.Errorf("hand over the means of answering: %w", err)
	}
	environment := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, playRole+"=") })
	return syscall.Exec(os.Args[0], os.Args, append(environment, playRole+"="+role))
}

// watch receives the means of answering from a process that calls beWatched,
// and answers until it ends.
func (d *failingDisk) watch(t *testing.T, from *os.File) {
	t.Helper()
	conn, err := net.FileConn(from)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	rights := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := conn.(*net.UnixConn).ReadMsgUnix(make([]byte, 1), rights)
	if err != nil {
		t.Fatalf("the process does not let itself be watched: %v", err)
	}
	messages, err := unix.ParseSocketControlMessage(rights[:n])
	if err != nil || len(messages) != 1 {
		t.Fatalf("%d messages, %v", len(messages), err)
	}
	descriptors, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(descriptors) != 1 {
		t.Fatalf("%d descriptors, %v", len(descriptors), err)
	}
	answered := make(chan error, 1)
	go func() { answered <- d.answer(descriptors[0]) }()
	t.Cleanup(func() {
		if err := <-answered; err != nil {
			t.Errorf("answer for the disk: %v", err)
		}
	})
}

// A call is struct seccomp_notif.
type call struct {
	id               uint64
	thread, flags    uint32
	number, machine  uint32
	instruction      uint64
	dir, path, third uint64 // the first arguments
	_                [3]uint64
}

func (d *failingDisk) answer(listener int) error {
	defer unix.Close(listener)
	for {
		ready := []unix.PollFd{{Fd: int32(listener), Events: unix.POLLIN}}
		if _, err := unix.Poll(ready, -1); err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		if ready[0].Revents&unix.POLLIN == 0 {
			if ready[0].Revents&unix.POLLHUP != 0 {
				return nil // the process has ended
			}
			continue
		}
		var c call
		if _, _, fault := unix.Syscall(unix.SYS_IOCTL, uintptr(listener), unix.SECCOMP_IOCTL_NOTIF_RECV, uintptr(unsafe.Pointer(&c))); fault != 0 {
			if fault == unix.ENOENT || fault == unix.EINTR {
				continue // whoever asked has ended meanwhile
			}
			return fault
		}
		said := struct { // struct seccomp_notif_resp
			id    uint64
			value int64
			fault int32
			flags uint32
		}{id: c.id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
		if d.fails(c) {
			said.fault, said.flags = -int32(unix.ENOSPC), 0
		}
		if _, _, fault := unix.Syscall(unix.SYS_IOCTL, uintptr(listener), unix.SECCOMP_IOCTL_NOTIF_SEND, uintptr(unsafe.Pointer(&said))); fault != 0 && fault != unix.ENOENT {
			return fault
		}
	}
}

// itself is what the engine writes in its own time: it puts parts together. A
// write that fails there is not noticed by anybody, and the room that the engine
// keeps free (see embedded.keepFree) is what stands against it.
var itself = regexp.MustCompile(`/tmp_(merge|mut)_`)

// fails counts a call below the folder and says whether it is to fail.
func (d *failingDisk) fails(c call) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.at == 0 {
		return false
	}
	path, err := filepath.Rel(d.dir, c.file())
	if err != nil || path == ".." || strings.HasPrefix(path, "../") {
		return false
	}
	if needRoom[c.number] == "write" && itself.MatchString(path) {
		return false
	}
	if d.of == nil || d.calls > 0 || needRoom[c.number] == "write" && d.of.MatchString(path) {
		d.calls++
	}
	if d.calls == d.at && d.failed == "" {
		d.failed = needRoom[c.number] + " " + path
	}
	return d.calls == d.at || d.stays && d.calls > d.at
}

// file is the file that a call is about, as far as it can be told.
func (c call) file() string {
	switch needRoom[c.number] {
	case "write", "allocate":
		return c.descriptor(c.dir)
	}
	at := c.path
	if c.number == 82 || c.number == 83 || c.number == 86 { // whose first argument is the path
		at = c.dir
	}
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", c.thread))
	if err != nil {
		return ""
	}
	defer memory.Close()
	text := make([]byte, unix.PathMax)
	n, _ := memory.ReadAt(text, int64(at)) // the end of the text may be the end of the memory
	name, _, _ := bytes.Cut(text[:n], []byte{0})
	if filepath.IsAbs(string(name)) {
		return string(name)
	}
	return filepath.Join(c.descriptor(c.dir), string(name))
}

func (c call) descriptor(number uint64) string {
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", c.thread, int32(number)))
	if err != nil {
		return ""
	}
	return path
}

// fail makes the n-th call from now fail, and with stays all those after it.
func (d *failingDisk) fail(n int, stays bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at, d.of, d.stays, d.calls, d.failed = n, nil, stays, 0, ""
}

// failFrom makes the next write of one of these files fail, and all calls after it.
func (d *failingDisk) failFrom(files *regexp.Regexp) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at, d.of, d.stays, d.calls, d.failed = 1, files, true, 0, ""
}

// mended lets every call through, and says which failed.
func (d *failingDisk) mended() (failed string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = 0
	return d.failed
}
