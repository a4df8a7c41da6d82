package command

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"stalkstats/internal/backup"
	"stalkstats/internal/stats"
)

// servesUntil has another process serve the folder, and comes back when that has said something.
func (f folder) servesUntil(t *testing.T, until string) (stop func()) {
	t.Helper()
	server := other(t, "serve", "--config", f.config, "--listen", "127.0.0.1:0")
	log, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	said := ""
	for !strings.Contains(said, until) {
		if !lines.Scan() {
			t.Fatalf("the server ended before it said %q: %s", until, said)
		}
		said = lines.Text()
	}
	go func() {
		for lines.Scan() {
		}
	}()
	return func() {
		_ = server.Process.Kill()
		_ = server.Wait() // it says that it was killed
	}
}

const onlyReturn = "data_dir: d\n%setl:\n  sources:\n    - {name: areas, parser: areas, from: 'builtin:areas.csv'}\n" +
	"    - {name: measures, parser: measures, from: 'builtin:measures.csv'}\n    - {name: force_return, parser: force_return, from: good.csv}\n"

func (f folder) make(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(f.dir, name)
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// object reads the one object that a command has answered.
func object[T any](t *testing.T, a answer) (o T) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.out), &o); err != nil || a.status != ExitDone {
		t.Fatalf("%+v: %v", a, err)
	}
	return o
}

// howFar is what a slow machine is told of how far a backup has come.
var howFar = regexp.MustCompile(`(?m)^stalkstats: .*, \d+% done\n`)

// beside is what a command says on standard error beside that.
func beside(errors string) string { return howFar.ReplaceAllString(errors, "") }

// TestBackupAndRestore takes a backup through the socket of a server, loses everything, and
// restores it without a configuration.
func TestBackupAndRestore(t *testing.T) {
	f := newFolder(t)
	f.write(t, "config.yaml", fmt.Sprintf(onlyReturn, "backup: {folder: b}\nauth: {users: people.yaml, programs: readers.yaml}\ndashboard: {base_url: 'http://127.0.0.1:8080'}\n"))
	f.write(t, "people.yaml", "users: []\n")
	f.write(t, "readers.yaml", "programs: []\n")
	if got := f.typing(t, strings.Repeat("three words together\n", 2), "user", "add", "jo", "--role", "admin"); got.status != ExitDone {
		t.Fatalf("%+v", got)
	}
	backups := f.make(t, "b")
	stop := f.servesUntil(t, "msg=ready")
	first := object[backupObject](t, f.command(t, "backup", "--json"))
	if first.Outcome != string(stats.BackupGood) || first.Figures != 1 || first.Sources != 1 || first.Added != first.Bytes || first.Problem != "" || len(first.Warnings) > 0 || first.Files != 7 {
		t.Errorf("%+v", first)
	}
	got := f.command(t, "backup", backups)
	if got.status != ExitDone || beside(got.errors) != "" || !strings.Contains(got.out, ": 1 published figure of 1 source, last published on ") || !strings.HasSuffix(got.out, "\nrestored apart: every published figure is the same\n") {
		t.Errorf("%+v", got)
	}
	before := f.command(t, "report")
	stop()
	if got := f.command(t, "restore", backups); got.status != ExitFailed || !strings.Contains(got.errors, "holds figures already: ") || !strings.Contains(got.errors, "last published on ") {
		t.Errorf("into a directory with figures: %+v", got)
	}
	if err := os.Rename(filepath.Join(f.dir, "d"), filepath.Join(f.dir, "gone")); err != nil {
		t.Fatal(err)
	}
	list := object[[]keptObject](t, command(t, "restore", "--list", "--json", "--data-dir", filepath.Join(f.dir, "none"), "--config", "missing.yaml", backups))
	if len(list) != 2 || list[1].Backup != first.Backup || list[0].Verified == "" || list[0].Problem != "" || list[0].Figures != 1 {
		t.Errorf("%+v", list)
	}
	dir := filepath.Join(f.dir, "new")
	got = command(t, "restore", backups, "--data-dir", dir, "--config", "missing.yaml")
	if got.status != ExitDone || beside(got.errors) != "" || !strings.HasPrefix(got.out, "restored "+filepath.Base(list[0].Backup)+" of ") ||
		!strings.Contains(got.out, " into "+dir+": 1 published figure of 1 source, last published on ") || !strings.Contains(got.out, filepath.Join(dir, "restored", "users.yaml")) || !strings.Contains(got.out, filepath.Join(dir, "restored", "programs.yaml")) {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(got.out, " UTC is forgotten too: load the same files that came since, as they were and in their order, before any corrected one") {
		t.Errorf("that what was published since is forgotten is not said: %s", got.out)
	}
	if after := f.command(t, "report", "--data-dir", dir); after != before || !strings.Contains(before.out, "stalking_charges") {
		t.Errorf("the report was %+v and is %+v", before, after)
	}
	if got := f.command(t, "etl", "run", "force_return", "--data-dir", dir); got.status != ExitDone || !strings.HasPrefix(got.out, "force_return: unchanged") {
		t.Errorf("the same file again: %+v", got)
	}
	was, err := os.ReadFile(f.config)
	is, err2 := os.ReadFile(filepath.Join(dir, "restored", "config.yaml"))
	if err != nil || err2 != nil || string(was) != string(is) {
		t.Errorf("the configuration that came back: %s, %v %v", is, err, err2)
	}
	for _, left := range []string{"checking", "gone/checking", "d"} {
		if _, err := os.Stat(filepath.Join(f.dir, left)); !os.IsNotExist(err) {
			t.Errorf("%s is there: %v", left, err)
		}
	}
}

// TestRestoreInUse: a directory that a server has open is left alone.
func TestRestoreInUse(t *testing.T) {
	f := newFolder(t)
	f.write(t, "config.yaml", fmt.Sprintf(onlyReturn, ""))
	backups := f.make(t, "b")
	stop := f.servesUntil(t, "msg=ready")
	defer stop()
	if got := f.command(t, "backup", backups, "--no-verify"); got.status != ExitDone || !strings.HasSuffix(got.out, "that every figure comes back was not tried\n") {
		t.Fatalf("%+v", got)
	}
	if got := f.command(t, "restore", backups); got.status != ExitFailed || !strings.Contains(got.errors, "is in use by another stalkstats process") {
		t.Errorf("%+v", got)
	}
	if got := f.command(t, "restore", "--check", backups); got.status != ExitDone || !strings.Contains(got.out, " is good: restored apart it gives 1 published figure of 1 source") {
		t.Errorf("trying it meanwhile: %+v", got)
	}
	f.serves(t)
}

// TestBadBackups: each in one sentence, and nothing is opened.
func TestBadBackups(t *testing.T) {
	f := newFolder(t)
	f.load(t)
	backups, empty := f.make(t, "b"), f.make(t, "empty")
	one := object[backupObject](t, f.command(t, "backup", backups, "--json"))
	text, err := os.ReadFile(one.Backup)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(f.make(t, "cut"), "backups")
	newer := filepath.Join(f.make(t, "newer"), "backups")
	for _, dir := range []string{cut, newer} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	f.write(t, filepath.Join("cut", "backups", filepath.Base(one.Backup)), string(text[:len(text)/2]))
	later := strings.Replace(string(text), `"format": 1,`, `"format": 2,`, 1)
	f.write(t, filepath.Join("newer", "backups", listName(later)), later)
	dir := filepath.Join(f.dir, "new")
	objects, err := filepath.Glob(filepath.Join(backups, "objects", "*", "*"))
	if err != nil || len(objects) < 5 {
		t.Fatalf("%q, %v", objects, err)
	}
	for what, tt := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"no folder named":         {[]string{"restore"}, ExitUsage, "name the folder of backups"},
		"no folder to back up":    {[]string{"backup"}, ExitUsage, "name the folder that the backup is put into"},
		"a folder that is not":    {[]string{"restore", filepath.Join(f.dir, "not")}, ExitFailed, "there is no folder " + filepath.Join(f.dir, "not")},
		"into a folder not there": {[]string{"backup", filepath.Join(f.dir, "not")}, ExitFailed, "there is no folder " + filepath.Join(f.dir, "not")},
		"into itself":             {[]string{"backup", filepath.Join(f.dir, "d")}, ExitUsage, "would be lost with it"},
		"into a file":             {[]string{"backup", f.config}, ExitFailed, "is not a folder of backups"},
		"nothing there":           {[]string{"restore", empty}, ExitFailed, "holds no whole backup"},
		"an object":               {[]string{"restore", objects[0]}, ExitFailed, "is not a folder of backups"},
		"cut off":                 {[]string{"restore", filepath.Dir(cut)}, ExitFailed, filepath.Base(one.Backup) + " is damaged"},
		"newer":                   {[]string{"restore", filepath.Dir(newer)}, ExitFailed, "is a backup of a newer stalkstats (1.2.3): use that version; nothing was opened"},
		"both":                    {[]string{"restore", backups, "--list", "--check"}, ExitUsage, "give one"},
	} {
		if tt.args[0] == "restore" {
			tt.args = append(tt.args, "--data-dir", dir)
		}
		got := f.command(t, tt.args...)
		if got.status != tt.status || !strings.Contains(got.errors, tt.says) || strings.Count(got.errors, "\n") != 1 || got.out != "" {
			t.Errorf("%s: %+v, want %q", what, got, tt.says)
		}
	}
	var list backup.Manifest
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	figures := slices.IndexFunc(list.Tables, func(t backup.Table) bool { return t.Name == "observations" })
	sum := list.Tables[figures].Pieces[0].Object.SHA256
	if err := os.Truncate(filepath.Join(backups, "objects", sum[:2], sum), 3); err != nil {
		t.Fatal(err)
	}
	if got := f.command(t, "restore", backups, "--data-dir", dir); got.status != ExitFailed || !strings.Contains(got.errors, sum) || strings.Count(got.errors, "\n") != 1 {
		t.Errorf("with a damaged object: %+v", got)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("something was opened: %v", err)
	}
	if got := f.command(t, "restore", "--check", "--json", backups); got.status != ExitFailed || !strings.Contains(got.errors, sum) || !strings.Contains(got.out, `"outcome":"bad"`) {
		t.Errorf("trying it: %+v", got)
	}
	healed := object[backupObject](t, f.command(t, "backup", backups, "--json"))
	if healed.Outcome != string(stats.BackupGood) || len(healed.Warnings) != 1 || !strings.Contains(healed.Warnings[0], sum) {
		t.Errorf("the next backup: %+v", healed)
	}
}

// TestTwoBackupsAtOnce: of several that are started together each is whole or says that
// another is at work.
func TestTwoBackupsAtOnce(t *testing.T) {
	f := newFolder(t)
	f.write(t, "config.yaml", fmt.Sprintf(onlyReturn, ""))
	backups := f.make(t, "b")
	stop := f.servesUntil(t, "msg=ready")
	defer stop()
	var wait sync.WaitGroup
	answers := make([]answer, 4)
	for i := range answers {
		wait.Go(func() {
			cmd := other(t, "backup", backups, "--no-verify", "--config", f.config)
			var errors strings.Builder
			cmd.Stderr = &errors
			out, err := cmd.Output()
			answers[i] = answer{out: string(out), errors: errors.String()}
			if err != nil {
				answers[i].status = ExitFailed
			}
		})
	}
	wait.Wait()
	whole := 0
	for _, a := range answers {
		switch {
		case a.status == ExitDone:
			whole++
		case !strings.Contains(a.errors, "another stalkstats is at work in the folder of backups"):
			t.Errorf("%+v", a)
		}
	}
	list := object[[]keptObject](t, f.command(t, "restore", "--list", "--json", backups))
	if whole == 0 || len(list) != whole || slices.ContainsFunc(list, func(k keptObject) bool { return k.Problem != "" }) {
		t.Errorf("%d were taken, and there are %+v", whole, list)
	}
}

// TestBackupsOnSchedule: a server takes and tries them by itself. One that fails is in the
// list of what came of them.
func TestBackupsOnSchedule(t *testing.T) {
	f := newFolder(t)
	f.write(t, "config.yaml", fmt.Sprintf(onlyReturn, "backup: {folder: b, schedule: '@every 2s'}\n"))
	backups := f.make(t, "b")
	stop := f.servesUntil(t, "msg=\"backup taken\"")
	stop()
	list := object[[]keptObject](t, f.command(t, "restore", "--list", "--json", backups))
	if len(list) == 0 || list[len(list)-1].Verified == "" || list[len(list)-1].Problem != "" {
		t.Errorf("%+v", list)
	}
	if err := os.Rename(backups, backups+"-unmounted"); err != nil {
		t.Fatal(err)
	}
	stop = f.servesUntil(t, "msg=\"a backup failed\"")
	stop()
	if _, err := os.Stat(backups); !os.IsNotExist(err) {
		t.Errorf("the folder was made: %v", err)
	}
}

// listName is the name of a list with that text.
func listName(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("20990101T000000Z-%x.json", sum[:8])
}
