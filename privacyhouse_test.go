package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"stalkstats/internal/clickhouse"
)

// A house is a folder with a configuration, and stalkstats running in it.
type house struct {
	dir, conf, address string
	log                *bytes.Buffer // of the server
	said               map[string][]byte
}

const houseConfig = `data_dir: data
log: {level: debug}
etl:
  fetch: {settle: 0s}
  sources:
    - {name: areas, parser: areas, from: 'builtin:areas.csv'}
    - {name: measures, parser: measures, from: 'builtin:measures.csv'}
    - {name: control, parser: force_return, from: control.csv}
    - {name: returns, parser: force_return, from: mistaken/*.csv}
    - {name: legal, parser: spo_returns, from: mistaken/*.csv}
    - {name: progress, parser: recommendation_progress, from: mistaken/*.csv}
    - {name: crime, parser: home_office_recorded_crime, from: mistaken/*.csv}
    - {name: arrests, parser: force_records, kind: arrests, area: E23000026, from: arrests/*.csv}
    - {name: charges, parser: force_records, kind: charges, area: E23000026, from: charges/*.csv, reject_limit: 0.5}
    - {name: orders, parser: force_records, kind: orders, area: E23000026, from: orders/*.csv}
`

// mistakenSources are not of records. They are given lists of people by mistake.
var mistakenSources = []string{"returns", "legal", "progress", "crime"}

// mistakenFiles are lists of people as somebody may put them into the folder of
// another source: an extract of records, one without a header, a return with
// columns too many, and one with personal text in a comment.
func mistakenFiles() []recordFile {
	person := strings.Join([]string{plantedName, plantedPostcode, plantedBirth, plantedID}, ",")
	const ofReturn = "area_code,period,measure,breakdown,breakdown_value,value,value_note,comment"
	files := []recordFile{
		{"no header", person + "\n" + person + "\n"},
		{"a list of people", "name,postcode,date_of_birth,id\n" + person + "\n"},
		{"separated by semicolons", strings.ReplaceAll("name,postcode,date_of_birth,id\n"+person+"\n", ",", ";")},
		{"a return with a column of names", ofReturn + ",victim_name\nE23000026,2024-03,stalking_recorded,,,5,,," + plantedName + "\n"},
		{"a person in its heading", ofReturn + "," + plantedName + "\nE23000026,2024-03,stalking_recorded,,,5,,,\n"},
		{"an e-mail address in a comment", ofReturn + "\nE23000026,2024-03,stalking_recorded,,,5,,ask zebulon@quixmarker.example\n"},
		{"a telephone number in a comment", ofReturn + "\nE23000026,2024-03,stalking_recorded,,,5,,Quixmarker 07700 900123\n"},
		{"a National Insurance number in a comment", ofReturn + "\nE23000026,2024-03,stalking_recorded,,,5,,Quixmarker AB123456C\n"},
		{"UTF-16", string(utf16Text("name\tpostcode\n" + strings.ReplaceAll(person, ",", "\t") + "\n"))},
		{"Latin 1", "name,postcode\n" + strings.Replace(person, "Q", "\xd6Q", 1) + "\n"},
	}
	for kind := range recordTables {
		files = append(files, recordFile{kind, recordText(kind, "2024-03")})
	}
	return files
}

// newHouse writes the configuration and the files, all an hour old. The last
// file of each kind is good.
func newHouse(t *testing.T) (h house, files int) {
	t.Helper()
	h = house{dir: t.TempDir(), log: &bytes.Buffer{}, said: map[string][]byte{}}
	h.conf = filepath.Join(h.dir, "config.yaml")
	h.write(t, "config.yaml", houseConfig)
	h.write(t, "control.csv", "area_code,period,measure,breakdown,breakdown_value,value,value_note,comment\nE23000026,2024-03,stalking_recorded,,,5,,"+control+"\n")
	for kind := range recordTables {
		for i, f := range append(recordFiles(kind), recordFile{"good", recordText(kind, "2024-03")}) {
			h.write(t, fmt.Sprintf("%s/file-%02d.csv", kind, i+1), f.text)
			files++
		}
		h.write(t, kind+"-later.csv", recordText(kind, "2024-06")) // a gap, which holds it
	}
	for i, f := range mistakenFiles() {
		h.write(t, fmt.Sprintf("mistaken/file-%02d.csv", i+1), f.text)
		files += len(mistakenSources)
	}
	return h, files
}

func (h house) write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	return path
}

// serve starts the server and waits until it has loaded everything. stop ends
// it and waits for its end.
func (h *house) serve(t *testing.T) (stop func()) {
	t.Helper()
	cmd := program(t, roleProgram, "serve", "--listen", "127.0.0.1:0", "--config", h.conf)
	var out bytes.Buffer
	cmd.Stdout = &out
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(pipe)
	pages := regexp.MustCompile(`msg=pages address=(\S+)`)
	ready := false
	for !ready && lines.Scan() {
		fmt.Fprintln(h.log, lines.Text())
		if m := pages.FindStringSubmatch(lines.Text()); m != nil {
			h.address = m[1]
		}
		ready = strings.Contains(lines.Text(), "msg=ready")
	}
	if !ready {
		t.Fatalf("the server did not start: %s", h.log)
	}
	rest := make(chan error, 1)
	go func() {
		for lines.Scan() {
			fmt.Fprintln(h.log, lines.Text())
		}
		rest <- lines.Err()
	}()
	return func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := <-rest; err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server: %v", err)
		}
		h.said["the server's log"], h.said["the server's output"] = h.log.Bytes(), out.Bytes()
	}
}

// command runs a command beside the server, and keeps what it says.
func (h *house) command(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := program(t, roleProgram, append(args, "--config", h.conf)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	var status *exec.ExitError
	if err := cmd.Run(); err != nil && !asExit(err, &status) {
		t.Fatal(err)
	}
	h.said[strings.Join(args, " ")] = append(out.Bytes(), errs.Bytes()...)
	return out.Bytes()
}

func asExit(err error, status **exec.ExitError) (ok bool) {
	*status, ok = err.(*exec.ExitError)
	return ok
}

// page asks for a page and keeps it.
func (h *house) page(t *testing.T, path string) {
	t.Helper()
	answer, err := http.Get(h.address + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("%s: status %d, %v", path, answer.StatusCode, err)
	}
	h.said[path] = fmt.Appendf(text, "%v", answer.Header)
}

// send sends a file through a page, and gives the status and what it says.
func (h *house) send(t *testing.T, source, text string) (status int, said string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	err := form.WriteField("who", "A. Person")
	part, e := form.CreateFormFile("file", "records.csv")
	if err != nil || e != nil {
		t.Fatal(err, e)
	}
	if _, err := io.WriteString(part, text); err != nil || form.Close() != nil {
		t.Fatal(err)
	}
	answer, err := http.Post(h.address+"/data/sources/"+source+"/upload", form.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	h.said[fmt.Sprintf("upload to %s of %d bytes: %s", source, len(text), answer.Request.URL.Path)] = page
	return answer.StatusCode, string(page)
}

// refused waits until a source has had so many runs that were refused.
func (h *house) refused(t *testing.T, source string, want int) (n int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		var runs []toldRun
		if err := json.Unmarshal(h.command(t, "etl", "history", "--source", source, "--json", "--limit", "1000"), &runs); err != nil {
			t.Fatal(err)
		}
		n = 0
		for _, run := range runs {
			if run.Outcome == "rejected" {
				n++
			}
		}
		if n >= want {
			return n
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %d of %d runs have been refused: %+v", source, n, want, runs)
		}
	}
}

// mistake takes a list of people to a source that is not of records: by hand,
// sent on its page, and as the schedule meets it again in its folder.
func (h *house) mistake(t *testing.T, source string) {
	t.Helper()
	before := h.refused(t, source, 0)
	for i, f := range mistakenFiles() {
		if status, said := h.send(t, source, f.text); status != http.StatusOK {
			t.Errorf("%s sent to %s: status %d: %s", f.what, source, status, said)
		}
		h.refused(t, source, before+i+1)
	}
	for i, f := range mistakenFiles() {
		var run toldRun
		path := filepath.Join(h.dir, "mistaken", fmt.Sprintf("file-%02d.csv", i+1))
		if out := h.command(t, "etl", "run", source, "--json", "--file", path); json.Unmarshal(out, &run) != nil || run.Outcome != "rejected" {
			t.Errorf("%s to %s: %s", f.what, source, out)
		}
	}
	if out := h.command(t, "etl", "run", source, "--json"); !bytes.Contains(out, []byte(`"rejected"`)) || bytes.Contains(out, []byte(`"published"`)) {
		t.Errorf("the folder again: %s", out)
	}
}

// tables keeps every row of every table, asked for through the socket.
func (h *house) tables(t *testing.T) {
	t.Helper()
	db, err := clickhouse.Open(t.Context(), clickhouse.Options{Socket: filepath.Join(h.dir, "data", "stalkstats.sock"), Dir: filepath.Join(h.dir, "nowhere")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if !db.Remote() {
		t.Fatal("the socket of the server does not answer")
	}
	var tables []string
	if err := db.QueryRow(t.Context(), `SELECT groupArray(if(database = 'system', 'system.' || name, name)) FROM system.tables
		WHERE database = currentDatabase() AND engine != 'View' OR database = 'system' AND (name LIKE '%\_log' OR name IN ('errors', 'warnings'))`).Scan(&tables); err != nil {
		t.Fatal(err)
	}
	if len(tables) < 20 {
		t.Errorf("only the tables %v were found", tables)
	}
	for _, table := range tables {
		rows, err := db.Query(context.Background(), "SELECT formatRow('TSVRaw', *) FROM "+table)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var row string
			if err := rows.Scan(&row); err != nil {
				t.Fatal(err)
			}
			h.said["table "+table] = append(h.said["table "+table], row...)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// files keeps every file of the data directory as it lies there, and its name.
func (h *house) files(t *testing.T) (n int) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(h.dir, "data"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		h.said["file "+path] = append(text, filepath.Base(path)...)
		n++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
