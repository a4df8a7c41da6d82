package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var unexported = cmpopts.IgnoreUnexported(Item{}, Snapshot{})

var now = time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)

// fetchRole is set in a process that this test binary starts: it fetches the
// file named there into the folder named by keepIn, with a limit on the size
// of files that it may write.
const (
	fetchRole = "STALKSTATS_TEST_FETCH"
	keepIn    = "STALKSTATS_TEST_KEEP"
)

func TestMain(m *testing.M) {
	from := os.Getenv(fetchRole)
	if from == "" {
		os.Exit(m.Run())
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1 << 16, Max: 1 << 16}); err != nil {
		fmt.Println("limit:", err)
		os.Exit(1)
	}
	rules := Rules{AllowPrivate: true}
	if u, err := url.Parse(from); err == nil {
		rules.Hosts = []string{u.Host}
	}
	_, err := New(Store{Dir: os.Getenv(keepIn)}, rules).Fetch(context.Background(), "test", Item{Address: from}, Validators{}, now)
	fmt.Print(err)
	os.Exit(0)
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// files is a fetcher of files of this machine.
func files(store Store) *Fetcher { return New(store, Rules{}) }

// file is the one file of a path.
func file(t *testing.T, f *Fetcher, from string) Item {
	t.Helper()
	items, err := f.Locate(t.Context(), Place{From: from}, now)
	if err != nil || len(items) != 1 {
		t.Fatalf("Locate(%s): %+v, %v", from, items, err)
	}
	return items[0]
}

// fetch brings the one file of a path.
func fetch(t *testing.T, f *Fetcher, from string) (Snapshot, error) {
	t.Helper()
	return f.Fetch(t.Context(), "test", file(t, f, from), Validators{}, now)
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestFetchKeepsTheBytes(t *testing.T) {
	dir := t.TempDir()
	store := Store{Dir: filepath.Join(dir, "data", "snapshots")}
	path := write(t, filepath.Join(dir, "a.csv"), "abc")
	const sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	got, err := fetch(t, files(store), path)
	want := Snapshot{Path: filepath.Join(store.Dir, sum), File: "a.csv", From: path, SHA256: sum, Size: 3, RetrievedAt: now}
	if diff := cmp.Diff(want, got, unexported); diff != "" || err != nil {
		t.Fatalf("%v (-want +got):\n%s", err, diff)
	}
	// Fetched again under another name, it is kept once.
	link := filepath.Join(dir, "link.csv")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if again, err := fetch(t, files(store), link); err != nil || again.Path != want.Path || again.File != "link.csv" {
		t.Errorf("%+v, %v", again, err)
	}
	if diff := cmp.Diff([]string{sum}, names(t, store.Dir)); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	info, err := os.Stat(want.Path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	// A kept file that was damaged since is written anew.
	write(t, want.Path, "ab")
	if _, err := fetch(t, files(store), path); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(want.Path); err != nil || string(text) != "abc" {
		t.Errorf("kept is %q, %v", text, err)
	}
}

func TestBuiltin(t *testing.T) {
	store := Store{Dir: t.TempDir(), Builtin: fstest.MapFS{"areas.csv": {Data: []byte("abc")}}}
	if got, err := fetch(t, files(store), "builtin:areas.csv"); err != nil || got.File != "areas.csv" || got.Size != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, name := range []string{"", ".", "..", "../areas.csv", "./areas.csv", "/areas.csv", "areas.csv/", "AREAS.csv", "a\x00"} {
		if got, err := fetch(t, files(store), "builtin:"+name); err == nil || !strings.Contains(err.Error(), "there is no reference data") {
			t.Errorf("builtin:%s: %+v, %v", name, got, err)
		}
	}
}

func TestCannotBeFetched(t *testing.T) {
	dir := t.TempDir()
	dangling := filepath.Join(dir, "dangling")
	loop := filepath.Join(dir, "loop")
	pipe := filepath.Join(dir, "pipe")
	large := write(t, filepath.Join(dir, "large"), "")
	one := write(t, filepath.Join(dir, "file"), "x")
	if err := errors.Join(os.Symlink(filepath.Join(dir, "gone"), dangling), os.Symlink(loop, loop), syscall.Mkfifo(pipe, 0o600), os.Truncate(large, MaxSize+1)); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "socket")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	store := Store{Dir: filepath.Join(dir, "kept")}
	for from, want := range map[string]string{
		filepath.Join(dir, "none"): filepath.Join(dir, "none") + " is not there: check the name and the folder",
		dangling:                   dangling + " is not there: check the name and the folder",
		one + "/x":                 one + "/x is not there: check the name and the folder",
		loop:                       "too many levels of symbolic links",
		dir:                        dir + " is not a file: name a file, or the files in the folder by a pattern such as " + dir + "/*.csv",
		pipe:                       pipe + " is not a file: name a file",
		"/dev/full":                "/dev/full is not a file: name a file",
		socket:                     socket + " is not a file: name a file",
		large:                      large + " is too large (1073741825 bytes; the most is 1073741824): check that it is the right file",
	} {
		if got, err := fetch(t, files(store), from); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v, want %q", from, got, err, want)
		}
	}
	if _, err := os.Stat(store.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was kept: %v", err)
	}
	store.Dir = filepath.Join(one, "kept")
	if _, err := fetch(t, files(store), one); err == nil || !strings.Contains(err.Error(), "keep "+one) {
		t.Errorf("a folder that cannot be made: %v", err)
	}
}

// TestNoRoom: what cannot be written whole is not kept at all.
func TestNoRoom(t *testing.T) {
	text := strings.Repeat("x", 1<<17)
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, text) })
	for _, from := range []string{write(t, filepath.Join(t.TempDir(), "long.csv"), text), server.URL + "/long.csv"} {
		kept := t.TempDir()
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), fetchRole+"="+from, keepIn+"="+kept)
		out, err := cmd.CombinedOutput()
		want := "keep " + from + ": a file may not be as large as this under the limits of this user (ulimit -f): raise the limit and run again"
		if err != nil || string(out) != want {
			t.Errorf("%v\n%s\nwant\n%s", err, out, want)
		}
		if left := names(t, kept); len(left) > 0 {
			t.Errorf("left is %v", left)
		}
	}
}

func TestPlain(t *testing.T) {
	for code, want := range map[syscall.Errno]string{
		syscall.ENOSPC: "the disk of /d is full: free some room and run again",
		syscall.EDQUOT: "the disk of /d is full: free some room and run again",
		syscall.EACCES: "/d/f may not be read or written by this user: change its permissions",
		syscall.ENOENT: "/d/f is not there: check the name and the folder",
		syscall.EIO:    "write /d/f: input/output error",
	} {
		if got := plain(&fs.PathError{Op: "write", Path: "/d/f", Err: code}); got.Error() != want {
			t.Errorf("%v: %q, want %q", code, got, want)
		}
	}
	other := errors.New("other")
	if got := plain(other); got != other {
		t.Errorf("%v", got)
	}
}

func TestStopped(t *testing.T) {
	dir := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	store := Store{Dir: filepath.Join(dir, "kept")}
	f := files(store)
	if _, err := f.Fetch(ctx, "test", file(t, f, write(t, filepath.Join(dir, "a"), "abc")), Validators{}, now); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if left := names(t, store.Dir); len(left) > 0 {
		t.Errorf("left is %v", left)
	}
}

// TestCleanUp removes what one source left, and nothing of another one whose
// name begins alike.
func TestCleanUp(t *testing.T) {
	store := Store{Dir: t.TempDir()}
	for _, name := range []string{"incoming-force_return-1", "incoming-force_return-22", "incoming-force_return_b-1", "incoming-areas-1", "ba7816bf"} {
		write(t, filepath.Join(store.Dir, name), "x")
	}
	for _, want := range []int{2, 0} {
		if removed, err := store.CleanUp("force_return"); err != nil || removed != want {
			t.Errorf("%d removed, %v, want %d", removed, err, want)
		}
	}
	if diff := cmp.Diff([]string{"ba7816bf", "incoming-areas-1", "incoming-force_return_b-1"}, names(t, store.Dir)); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	if removed, err := (Store{Dir: filepath.Join(store.Dir, "none")}).CleanUp("areas"); err != nil || removed != 0 {
		t.Errorf("without a folder: %d, %v", removed, err)
	}
}
