package command

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/parse/sheet/sheettest"
	"stalkstats/internal/clickhouse/embedded"
)

// bomb is an ODS whose one part unpacks to 64 MB of nothing.
func bomb(t *testing.T) string {
	t.Helper()
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	for name, text := range map[string]io.Reader{
		"mimetype":    strings.NewReader("application/vnd.oasis.opendocument.spreadsheet"),
		"content.xml": io.MultiReader(strings.NewReader("<a>"), io.LimitReader(blanks{}, 64<<20)),
	} {
		w, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func ods(t *testing.T, name string, rows ...[]any) string {
	t.Helper()
	var file bytes.Buffer
	if err := sheettest.WriteODS(&file, sheettest.Sheet{Name: name, Rows: func(yield func([]any) bool) {
		for _, row := range rows {
			if !yield(row) {
				return
			}
		}
	}}); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

func word(t *testing.T) string {
	t.Helper()
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	if _, err := archive.Create("word/document.xml"); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// TestBadFiles: each is told in one sentence with its place and what to do,
// and what was published goes on being served.
func TestBadFiles(t *testing.T) {
	f := newFolder(t)
	f.load(t)
	header := []any{"Financial Year", "Financial Quarter", "Force Name", "Offence Description", "Offence Group", "Offence Subgroup", "Offence Code", "Number of Offences"}
	long := [][]any{header}
	for i := range 2000 {
		long = append(long, []any{"2017/18", 1, "Kent", "Theft", "Theft", "Theft", "99", i * 7919 % 1000})
	}
	whole := ods(t, "2017_18", long...)
	const file = "bad"
	for name, tt := range map[string]struct{ source, text, says string }{
		"missing column":  {"force_return", "area_code,period\n", file + `, row 1: the column "measure" is missing; the columns must be area_code, period, measure, breakdown, breakdown_value, value, value_note, comment`},
		"extra column":    {"force_return", strings.TrimSpace(returnHeader) + ",division\n", file + `, row 1, column I: this column is not expected here; the columns must be area_code, period, measure, breakdown, breakdown_value, value, value_note, comment`},
		"unknown force":   {"home_office_recorded_crime", crimeHeader + "2017/18,1,Wessex,Stalking,V,S,8Q,7\n", file + `, row 2, column "Force Name", "Wessex": no area has this name: if it is a force, add the spelling to the areas file; if it is not, add it there as not_a_force`},
		"text for count":  {"home_office_recorded_crime", ods(t, "2017_18", header, []any{"2017/18", 1, "Kent", "Stalking", "V", "S", "8Q", "seven"}), file + `, sheet 2017_18, row 2, column "Number of Offences", "seven": not a count of offences: it must be a whole number`},
		"truncated":       {"home_office_recorded_crime", whole[:len(whole)/2], file + ": the file is cut short or damaged: its list of contents, which stands at the end, is missing; fetch the file again from where it came"},
		"bomb":            {"home_office_recorded_crime", bomb(t), file + ": the part content.xml unpacks to more than 600 times its size, as files do that are made to fill a machine's memory; check that it is the right file: no police table is nearly as large"},
		"empty":           {"force_return", "", file + ": the file is empty; fetch the file again from where it came"},
		"header alone":    {"force_return", returnHeader, file + ": the file has a header and no rows; put the figures below the header"},
		"PDF":             {"force_return", "%PDF-1.7", file + ": this is a PDF document, not a table; ask for the figures as ODS, XLSX or CSV"},
		"web page":        {"force_return", "<!doctype html><title>Sign in</title>", file + ": this is a web page, not a table; the address may have changed or asks for a login; open it in a browser and fetch the table itself"},
		"Word":            {"force_return", word(t), file + ": this is a Word document, not a spreadsheet; save the table as ODS, XLSX or CSV (UTF-8)"},
		"terminal escape": {"home_office_recorded_crime", ods(t, "\u009b2J", header), file + ": the name of a sheet holds U+009B, a control character, which nobody can see; give the sheet another name, and save the file"},
	} {
		path := f.write(t, file, tt.text)
		got := f.command(t, "etl", "run", tt.source, "--file", path)
		first, rest, _ := strings.Cut(got.errors, "\n")
		if got.status != ExitFailed || first != "stalkstats: "+tt.says || rest != "" && !strings.HasPrefix(rest, "stalkstats: `stalkstats etl rejects ") {
			t.Errorf("%s: exit status %d\n%s\nwant\nstalkstats: %s", name, got.status, got.errors, tt.says)
		}
		if !regexp.MustCompile(`^`+tt.source+`: (rejected|failed): \d+ rows? read, `).MatchString(got.out) || strings.Count(got.out, "\n") != 1 {
			t.Errorf("%s: the summary is %q", name, got.out)
		}
	}
	got := f.command(t, "etl", "run", "force_return", "--file", f.dir)
	if want := "stalkstats: " + f.dir + " is not a file: name a file, or the files in the folder by a pattern such as " + f.dir + "/*.csv\n"; got.status != ExitFailed || got.errors != want {
		t.Errorf("a folder: %+v, want %q", got, want)
	}
	f.serves(t)
}

// TestRejects: the run of a refused file leads to its rejected rows.
func TestRejects(t *testing.T) {
	f := newFolder(t)
	path := f.write(t, "bad.csv", returnHeader+"E23000026,2024-03,stalking_charges,,,five,,\nE23000026,2024-04,stalking_charges,,,six,,\n")
	got := f.command(t, "etl", "run", "force_return", "--file", path)
	m := regexp.MustCompile("stalkstats etl rejects (\\S+)`").FindStringSubmatch(got.errors)
	if m == nil || !strings.Contains(got.errors, "(and 1 more row)") {
		t.Fatalf("%+v", got)
	}
	rows := f.command(t, "etl", "rejects", m[1])
	if rows.status != ExitDone || strings.Count(rows.out, "not a whole number") != 2 {
		t.Errorf("%+v", rows)
	}
	none := f.command(t, "etl", "rejects", "x")
	if none.status != ExitFailed || none.errors != "stalkstats: run \"x\": not found: `stalkstats etl history` shows the runs\n" {
		t.Errorf("%+v", none)
	}
}

func TestConfigurationFaults(t *testing.T) {
	f := newFolder(t)
	f.write(t, "config.yaml", "force: Bedfordshire\ndata_dri: d\nlog: {level: loud}\n")
	for _, args := range [][]string{{"check"}, {"etl", "list"}, {"serve"}, {"report"}} {
		got := f.command(t, args...)
		want := []string{"config.yaml, line 1: force: ", `config.yaml, line 2: there is no key "data_dri"`, "config.yaml, line 3: log.level: "}
		for _, says := range want {
			if got.status != ExitFailed || !strings.Contains(got.errors, says) {
				t.Errorf("%v: %+v, want %q", args, got, says)
			}
		}
	}
}

func TestMissingLibrary(t *testing.T) {
	f := newFolder(t)
	missing := filepath.Join(f.dir, "libchdb.so")
	t.Setenv(embedded.LibraryVariable, missing)
	got := f.command(t, "etl", "list")
	if got.status != ExitFailed || !strings.Contains(got.errors, missing+" is not there: run `npm install`") || strings.Count(got.errors, "\n") != 1 {
		t.Errorf("%+v", got)
	}
}

func TestPortInUse(t *testing.T) {
	f := newFolder(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	address := listener.Addr().String()
	got := f.command(t, "serve", "--listen", address)
	want := fmt.Sprintf("stalkstats: the port of %s is in use by another program: stop it, or name another port with --listen\n", address)
	if got.status != ExitFailed || got.errors != want {
		t.Errorf("%+v, want %q", got, want)
	}
}

// TestFullDisk puts the whole data directory on a disk that is too small for
// a load.
func TestFullDisk(t *testing.T) {
	f := newFolder(t)
	data := filepath.Join(f.dir, "d")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, "size=96m"); err == syscall.EPERM {
		if os.Getenv("CI") != "" {
			t.Fatal("CI must be able to mount a small file system")
		}
		t.Log("this user may not mount: only the limit on the size of files is tried, in etl/source")
		return
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(data, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	f.load(t)
	filler, err := os.Create(filepath.Join(data, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(filler, blanks{}); !strings.Contains(fmt.Sprint(err), "no space") {
		t.Fatal(err)
	}
	if err := filler.Close(); err != nil {
		t.Fatal(err)
	}
	full := f.command(t, "etl", "run", "force_return", "--file", f.write(t, "more.csv", returnHeader+"E23000026,2024-03,stalking_charges,,,6,,\n"))
	if full.status != ExitFailed || !strings.Contains(full.errors, "the disk is full") || strings.Count(full.errors, "\n") != 1 {
		t.Errorf("%+v", full)
	}
	if err := os.Truncate(filler.Name(), 0); err != nil {
		t.Fatal(err)
	}
	f.serves(t)
	// With room for the first steps and none for the rest, the load fails in
	// the middle.
	const kept = 64 << 20 // which the engine leaves free
	for _, room := range []int64{1 << 17, kept + 5<<18, kept + 3<<20} {
		if err := os.WriteFile(filler.Name(), make([]byte, free(t, data)-room), 0o600); err != nil {
			t.Fatal(err)
		}
		middle := f.command(t, "etl", "run", "force_return", "--file", filepath.Join(f.dir, "more.csv"))
		if middle.status != ExitDone && !strings.HasSuffix(middle.errors, "run again\n") {
			t.Errorf("with %d bytes of room: %+v", room, middle)
		}
		if err := os.Truncate(filler.Name(), 0); err != nil {
			t.Fatal(err)
		}
		if middle.status == ExitDone {
			break
		}
		f.serves(t)
	}
}

func free(t *testing.T, dir string) int64 {
	t.Helper()
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		t.Fatal(err)
	}
	return int64(s.Bavail) * s.Bsize
}

// TestReportWithAnEmptyFilter: a variable of a script that is not set must not send
// everything, nor the rest of what was asked for.
func TestReportWithAnEmptyFilter(t *testing.T) {
	f := newFolder(t)
	f.write(t, "config.yaml", "data_dir: d\n")
	refused := func(flag string, args ...string) {
		t.Helper()
		got := f.command(t, args...)
		if want := "--" + flag + " is empty: give it a value, or leave it out"; got.status != ExitUsage || got.out != "" || !strings.Contains(got.errors, want) {
			t.Errorf("%q: status %d, %q, want %d and %q", args, got.status, got.errors, ExitUsage, want)
		}
	}
	for _, flag := range []string{"measure", "area", "source", "from", "to", "as-at", "audience", "breakdown", "period"} {
		refused(flag, "report", "--"+flag, "")
		refused(flag, "report", "--"+flag+"=")
		refused(flag, "report", "--"+flag, " ")
	}
	for _, flag := range []string{"measure", "area", "source"} {
		refused(flag, "report", "--"+flag, "x", "--"+flag, "")
		refused(flag, "report", "--"+flag, "", "--"+flag, "x")
		refused(flag, "report", "--"+flag, "x,")
		refused(flag, "report", "--"+flag, "x,,y")
	}
	refused("file", "etl", "run", "force_return", "--dry-run", "--file", "")
	refused("source", "etl", "history", "--limit", "5", "--source", "")

	if got := f.command(t, "etl", "history", "--limit", "5"); got.status != ExitDone { // a number is never empty
		t.Errorf("%+v", got)
	}
	if got := f.command(t, "etl", "run", "none", "--dry-run"); got.status != ExitUsage || !strings.Contains(got.errors, `no source "none" is configured`) {
		t.Errorf("%+v", got) // nor is a switch
	}
}

// TestReportFiltersComeApart: several values may be given one by one, or with commas between.
func TestReportFiltersComeApart(t *testing.T) {
	parser, err := kong.New(&commandLine{}, kong.Name("stalkstats"))
	if err != nil {
		t.Fatal(err)
	}
	chosen, err := parser.Parse([]string{"report", "--measure", "a,b", "--measure", "c", "--area", "d"})
	if err != nil {
		t.Fatal(err)
	}
	got := chosen.Selected().Target.Addr().Interface().(*reportCommand).filters()
	if diff := cmp.Diff(url.Values{"measure": {"a", "b", "c"}, "area": {"d"}, "source": nil}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
