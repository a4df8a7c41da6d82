package command

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// saves puts a saved report into the folder's figures, while nothing runs.
func (f folder) saves(t *testing.T, id string) {
	t.Helper()
	db := f.open(t)
	err := query.New(db).SaveReport(t.Context(), stats.SavedReport{ID: id, SavedAt: time.Now().AddDate(0, -2, 0), Who: "Ann", Name: id, Filters: "audience=internal",
		Audience: "internal", Schedule: "0 7 1 * *", Place: stats.FolderPlace})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

var dated = regexp.MustCompile(`\d{4}-\d{2}-\d{2}`)

// TestServeDeliversReports that were missed, once: also where the process before
// was killed.
func TestServeDeliversReports(t *testing.T) {
	f := newFolder(t)
	f.write(t, "config.yaml", "data_dir: d\nreports: {folder: board}\netl:\n  sources:\n    - {name: areas, parser: areas, from: 'builtin:areas.csv'}\n"+
		"    - {name: measures, parser: measures, from: 'builtin:measures.csv'}\n    - {name: force_return, parser: force_return, from: good.csv}\n")
	board := filepath.Join(f.dir, "board")
	if err := os.Mkdir(board, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"first", "second"} {
		f.saves(t, id)
		server, until := f.serving(t)
		until(`msg="saved report delivered" report=` + id)
		if err := server.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		until("")
		_ = server.Wait() // it was killed
	}
	entries, err := os.ReadDir(board)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if got, want := dated.ReplaceAllString(strings.Join(names, "|"), "DAY"), "first internal DAY.zip|second internal DAY.zip"; got != want {
		t.Errorf("the folder has %q, want %q", got, want)
	}
}
