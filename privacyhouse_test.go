package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
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
	refused            chan string   // told of each run that was refused since it was ready
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
    - {name: returns, parser: force_return, from: mistaken/returns/*.csv}
    - {name: legal, parser: spo_returns, from: mistaken/legal/*.csv}
    - {name: progress, parser: recommendation_progress, from: mistaken/progress/*.csv}
    - {name: register, parser: recommendation_register, from: mistaken/register/*.csv}
    - {name: breaks, parser: series_breaks, from: mistaken/breaks/*.csv}
    - {name: crime, parser: home_office_recorded_crime, from: mistaken/crime/*.csv}
    - {name: arrests, parser: force_records, kind: arrests, area: E23000026, from: records/arrests/*.csv}
    - {name: charges, parser: force_records, kind: charges, area: E23000026, from: records/charges/*.csv, reject_limit: 0.99}
    - {name: orders, parser: force_records, kind: orders, area: E23000026, from: records/orders/*.csv}
`

// A freeText is a layout that people fill in: its header, and a row in which %s
// stands in a column of free text.
type freeText struct {
	header string
	rows   []string
}

var freeTexts = map[string]freeText{
	"returns":  {"area_code,period,measure,breakdown,breakdown_value,value,value_note,comment", []string{"E23000026,2024-03,stalking_recorded,,,5,,%s"}},
	"legal":    {"area_code,period,applied,interim_granted,full_granted,refused,withdrawn,breached,people,value_note,comment", []string{"E23000026,2024-03,3,1,2,0,0,0,2,,%s"}},
	"progress": {"area_code,recommendation,as_at,status,owner,update,evidence_url,review_date", []string{"E23000026,16,2024-11-22,in progress,%s,begun,,", "E23000026,16,2024-11-22,in progress,lead,%s,,"}},
	"register": {"number,ref,addressee,deadline,ask,confidence,source", []string{"16,,%s,2025-03-27,an ask,confirmed,report", "16,,chief constables,2025-03-27,%s,confirmed,report", "16,,chief constables,2025-03-27,an ask,%s,report"}},
	"breaks":   {"date,areas,measures,effect,source,confirmed", []string{"2018-04-01,all,stalking_recorded,%s,notes,yes"}},
}

// mistakenFiles are not of records, and a person is in them by mistake: lists of
// people as somebody may put them into the folder of another source, and
// personal data in free text. They are of one source each, because one reader
// looks at all layouts of our own, and each run of the program takes time. The
// layout that others publish has a reader of its own.
func mistakenFiles() map[string][]recordFile {
	files := map[string][]recordFile{}
	for source, layout := range freeTexts {
		for i, row := range layout.rows {
			for n, planted := range []string{plantedName + " of " + plantedPostcode, plantedName + " born " + plantedBirth} {
				if len(layout.rows) == 1 || n == i%2 {
					files[source] = append(files[source], recordFile{fmt.Sprintf("free text %d, %d", i, n), layout.header + "\n" + fmt.Sprintf(row, planted) + "\n"})
				}
			}
		}
	}
	for i, f := range peopleFiles() {
		source := slices.Sorted(maps.Keys(freeTexts))[i%len(freeTexts)]
		files[source] = append(files[source], f)
		if i < 3 {
			files["crime"] = append(files["crime"], f)
		}
	}
	ofReturn := freeTexts["returns"].header
	files["returns"] = append(files["returns"],
		recordFile{"a return with a column of names", ofReturn + ",victim_name\nE23000026,2024-03,stalking_recorded,,,5,,," + plantedName + "\n"},
		recordFile{"a person in its heading", ofReturn + "," + plantedName + "\nE23000026,2024-03,stalking_recorded,,,5,,,\n"},
		recordFile{"an e-mail address in a comment", ofReturn + "\nE23000026,2024-03,stalking_recorded,,,5,,ask zebulon@quixmarker.example\n"},
		recordFile{"a telephone number in a comment", ofReturn + "\nE23000026,2024-03,stalking_recorded,,,5,,Quixmarker 07700 900123\n"},
		recordFile{"a National Insurance number in a comment", ofReturn + "\nE23000026,2024-03,stalking_recorded,,,5,,Quixmarker AB123456C\n"})
	return files
}

// peopleFiles are lists of people, and extracts of records.
func peopleFiles() []recordFile {
	person := strings.Join([]string{plantedName, plantedPostcode, plantedBirth, plantedID}, ",")
	files := []recordFile{
		{"no header", person + "\n" + person + "\n"},
		{"a list of people", "name,postcode,date_of_birth,id\n" + person + "\n"},
		{"UTF-16", string(utf16Text("name\tpostcode\n" + strings.ReplaceAll(person, ",", "\t") + "\n"))},
		{"separated by semicolons", strings.ReplaceAll("name,postcode,date_of_birth,id\n"+person+"\n", ",", ";")},
		{"Latin 1", "name,postcode\n" + strings.Replace(person, "Q", "\xd6Q", 1) + "\n"},
	}
	for _, kind := range slices.Sorted(maps.Keys(recordTables)) {
		files = append(files, recordFile{kind, recordText(kind, "2024-03")})
	}
	return files
}

// newHouse writes the configuration and the files, all an hour old.
func newHouse(t *testing.T) (h house, files int) {
	t.Helper()
	h = house{dir: t.TempDir(), log: &bytes.Buffer{}, refused: make(chan string, 1000), said: map[string][]byte{}}
	h.conf = filepath.Join(h.dir, "config.yaml")
	h.write(t, "config.yaml", houseConfig)
	h.write(t, "control.csv", "area_code,period,measure,breakdown,breakdown_value,value,value_note,comment\nE23000026,2024-03,stalking_recorded,,,5,,"+control+"\n")
	put := func(folder string, all []recordFile) {
		for i, f := range all {
			h.write(t, fmt.Sprintf("%s/file-%02d.csv", folder, i+1), f.text)
			files++
		}
	}
	for kind := range recordTables {
		put("records/"+kind, recordFiles(kind))
	}
	for source, all := range mistakenFiles() {
		put("mistaken/"+source, all)
	}
	h.write(t, "charges-later.csv", recordText("charges", "2024-06")) // a gap, which holds it
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
	cmd, rest := h.start(t)
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
		h.said["the server's log"], h.said["the server's output"] = h.log.Bytes(), cmd.Stdout.(*bytes.Buffer).Bytes()
	}
}

// start starts the server and waits until it has loaded everything. Its log has
// been read when rest gives something.
func (h *house) start(t *testing.T) (cmd *exec.Cmd, rest <-chan error) {
	t.Helper()
	cmd = program(t, roleProgram, "serve", "--listen", "127.0.0.1:0", "--config", h.conf)
	cmd.Stdout = &bytes.Buffer{}
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
	read := make(chan error, 1)
	go func() {
		for lines.Scan() {
			fmt.Fprintln(h.log, lines.Text())
			if strings.Contains(lines.Text(), `msg="run ended"`) && strings.Contains(lines.Text(), "outcome=rejected") {
				h.refused <- lines.Text()
			}
		}
		read <- lines.Err()
	}()
	return cmd, read
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

// mistakes takes lists of people to sources that are not of records: sent on
// their pages, by hand, and as the schedule meets them again in their folder.
// What was in the folders at the start has been met there.
func (h *house) mistakes(t *testing.T) {
	t.Helper()
	files := mistakenFiles()
	for source, all := range files {
		f := all[len(all)-1]
		if status, said := h.send(t, source, f.text); status != http.StatusOK {
			t.Errorf("%s sent to %s: status %d: %s", f.what, source, status, said)
		}
	}
	for n := range len(files) {
		select {
		case <-h.refused:
		case <-time.After(time.Minute):
			t.Fatalf("only %d of %d files that were sent have been refused", n, len(files))
		}
	}
	for _, source := range []string{"legal", "crime"} {
		var run toldRun
		path := filepath.Join(h.dir, "mistaken", source, "file-01.csv")
		if out := h.command(t, "etl", "run", source, "--json", "--file", path); json.Unmarshal(out, &run) != nil || run.Outcome != "rejected" {
			t.Errorf("%s to %s: %s", path, source, out)
		}
		if out := h.command(t, "etl", "run", source, "--json"); !bytes.Contains(out, []byte(`"rejected"`)) || bytes.Contains(out, []byte(`"published"`)) {
			t.Errorf("the folder of %s again: %s", source, out)
		}
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
