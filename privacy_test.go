package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// The made-up person whose data is planted in records, and what identifies the
// records: nothing of this may be found anywhere after a run.
const (
	plantedName     = "Zebulon Quixmarker"
	plantedPostcode = "LU97 3QX" // there is no such district
	plantedBirth    = "31/05/1961"
	plantedID       = "QXID"
)

// marks is what is looked for, in small letters: parts of it too.
var marks = []string{"zebulon", "quixmarker", "lu97 3qx", "lu973qx", "31/05/1961", "1961-05-31", "31 may 1961", "qxid"}

// control is a word of a comment in an ordinary return, which is kept: the
// search must find it wherever it looks, or it would find nothing.
const control = "controlwortzibbel"

// recordFile is one file of records that is not as it should be.
type recordFile struct{ what, text string }

// recordTables is a header of each kind and its two good rows; %s is where an
// identifier goes.
var recordTables = map[string][]string{
	"arrests": {"record_id,arrest_date,offence,domestic,online", "%s-1,2024-03-01,Stalking,yes,no", "%s-2,2024-03-02,Stalking,no,no"},
	"charges": {"record_id,charge_date,recorded_date,offence,basis", "%s-1,2024-03-01,2024-02-01,Stalking,charge", "%s-2,2024-03-02,,Stalking,summons"},
	"orders":  {"order_id,person_id,stage,stage_date,applied_date", "%[1]s-1,%[1]s-P1,applied,2024-03-01,", "%[1]s-2,%[1]s-P2,full_granted,2024-03-02,2024-03-01"},
}

// recordText is a file of two good rows of a month.
func recordText(kind, month string) string {
	text := fmt.Sprintf(strings.Join(recordTables[kind], "\n")+"\n", plantedID, plantedID)
	if kind == "orders" {
		text = recordTables[kind][0] + "\n" + fmt.Sprintf(recordTables[kind][1], plantedID) + "\n" + fmt.Sprintf(recordTables[kind][2], plantedID) + "\n"
	}
	return strings.ReplaceAll(text, "2024-03", month)
}

// recordTexts is what is planted in each column of records.
var recordTexts = []string{plantedName, plantedPostcode, "lu973qx", plantedBirth, "1961-05-31", plantedName + " of " + plantedPostcode, "Stalking of " + plantedName + " born 31 May 1961"}

// everyColumn is a file with a good row, and rows with each text planted in each column.
func everyColumn(kind string) recordFile {
	lines := strings.Split(strings.TrimSpace(recordText(kind, "2024-03")), "\n")
	text := lines[0] + "\n" + lines[1] + "\n"
	for i := range strings.Split(lines[0], ",") {
		for n, planted := range recordTexts {
			cells := strings.Split(lines[2], ",")
			cells[0] += fmt.Sprintf("-%d-%d", i, n)
			cells[i] = planted
			text += strings.Join(cells, ",") + "\n"
		}
	}
	return recordFile{"every column", text}
}

// brokenFiles plants the person in the header, in its place and beyond it, and
// breaks files in the ways in which they break.
func brokenFiles(kind string) (all []recordFile) {
	lines := strings.Split(strings.TrimSpace(recordText(kind, "2024-03")), "\n")
	add := func(what string, lines ...string) {
		all = append(all, recordFile{what, strings.Join(lines, "\n") + "\n"})
	}
	for _, i := range []int{0, 3} {
		heads := strings.Split(lines[0], ",")
		heads[i] = recordTexts[i]
		add(fmt.Sprintf("heading %d", i+1), strings.Join(heads, ","), lines[1], lines[2])
	}
	whole := strings.Join([]string{plantedName, plantedPostcode, plantedBirth, plantedID, "1961-05-31"}, ",")
	add("a whole row", lines[0], lines[1], whole)
	add("no header", whole, lines[1])
	add("an extra column", lines[0]+",victim_name", lines[1]+","+plantedName, lines[2]+","+plantedName)
	add("an extra cell", lines[0], lines[1]+","+plantedName, lines[2])
	add("an open quote", lines[0], lines[1], `"`+whole)
	add("a broken quote", lines[0], lines[1], `"`+plantedName+`"Zebulon,`+lines[2])
	add("the same record twice", lines[0], lines[1], strings.Replace(lines[1], "2024-03-01", "2024-04-01", 1))
	return append(all, recordFile{"UTF-16", string(utf16Text(strings.Join([]string{lines[0], whole, lines[1]}, "\n")))},
		recordFile{"Latin 1", lines[0] + "\n" + strings.Replace(whole, "Q", "\xd6Q", 1) + "\n"},
		recordFile{"zero bytes", lines[0] + "\n" + strings.Replace(whole, "Q", "\x00Q", 1) + "\n"},
		recordFile{"another kind of file", "PK\x03\x04" + whole})
}

// recordFiles is the files of a kind; the last is good. The kinds are read by one
// reader, so each broken file is of one kind: each run of the program takes time.
// That each kind meets each file is tested in etl/parse.
func recordFiles(kind string) []recordFile {
	files := []recordFile{everyColumn(kind)}
	kinds := slices.Sorted(maps.Keys(recordTables))
	for i, f := range brokenFiles(kind) {
		if kinds[i%len(kinds)] == kind {
			files = append(files, f)
		}
	}
	return append(files, recordFile{"good", recordText(kind, "2024-03")})
}

func utf16Text(text string) []byte {
	out := []byte("\xff\xfe")
	for _, unit := range utf16.Encode([]rune(text)) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return out
}

// told is what holds a mark: as it is, in any case, or in UTF-16.
func told(data []byte, words ...string) (found string) {
	small := bytes.ToLower(data)
	for _, word := range words {
		wide := utf16Text(word)[2:]
		turned := slices.Clone(wide)
		for i := 0; i < len(turned); i += 2 {
			turned[i], turned[i+1] = turned[i+1], turned[i]
		}
		for _, form := range [][]byte{[]byte(word), wide, turned} {
			if i := bytes.Index(small, form); i >= 0 {
				return fmt.Sprintf("%q in …%q…", word, data[max(0, i-100):min(len(data), i+100)])
			}
		}
	}
	return ""
}

type toldRun struct {
	Source, Outcome string
	RunID           string `json:"run_id"`
	Rejected        int
}

// TestNoPersonalDatumIsKept plants a made-up person in files of records, good
// and bad, and in those of other sources, takes them all the ways that a file can
// go, and looks for the person in everything that the program keeps or says.
func TestNoPersonalDatumIsKept(t *testing.T) {
	t.Parallel()
	h, files := newHouse(t)
	stop := h.serve(t)
	later := filepath.Join(h.dir, "charges-later.csv")
	h.command(t, "etl", "run", "charges", "--dry-run", "--file", later)
	var held toldRun
	if out := h.command(t, "etl", "run", "charges", "--json", "--file", later); json.Unmarshal(out, &held) != nil || held.Outcome != "held" {
		t.Errorf("charges with a gap: %s", out)
	}
	h.command(t, "etl", "accept", held.RunID, "--why", "it is right", "--file", later)
	var accepted toldRun
	if out := h.command(t, "etl", "replay", held.RunID, "--json", "--file", later); json.Unmarshal(out, &accepted) != nil || accepted.Outcome != "published" {
		t.Errorf("charges again: %s", out)
	}
	for kind := range recordTables {
		if status, said := h.send(t, kind, recordText(kind, "2024-03")); status != http.StatusForbidden {
			t.Errorf("upload to %s: status %d, %s", kind, status, said)
		}
	}
	h.mistakes(t)
	var runs []toldRun
	if err := json.Unmarshal(h.command(t, "etl", "history", "--json", "--limit", "1000"), &runs); err != nil {
		t.Fatal(err)
	}
	outcomes, rejected := map[string]int{}, 0
	for _, run := range runs {
		outcomes[run.Outcome]++
		h.page(t, "/data/runs/"+run.RunID)
		if run.Rejected > 0 {
			h.page(t, "/data/runs/"+run.RunID+"/rejected.csv")
			if rejected++; rejected == 1 {
				h.command(t, "etl", "rejects", run.RunID)
				h.command(t, "etl", "rejects", run.RunID, "--json")
			}
		}
	}
	if len(runs) < files || outcomes["rejected"] < 35 || outcomes["published"] < 9 || rejected < 6 {
		t.Errorf("%d files, %d runs: %v; %d with rejected rows", files, len(runs), outcomes, rejected)
	}
	paths := []string{"/data", "/data/layouts", "/data/sources/spo_returns/template.csv", "/data/sources/force_records/template.csv?kind=orders", "/data/revisions", "/data/revisions.csv", "/metrics", "/about", "/", "/reports/observations.csv?measure=stalking_arrests&measure=stalking_recorded"}
	for _, source := range slices.Concat(slices.Sorted(maps.Keys(recordTables)), slices.Sorted(maps.Keys(mistakenFiles()))) {
		paths = append(paths, "/data/sources/"+source)
	}
	for _, path := range paths {
		h.page(t, path)
	}
	h.tables(t)
	stop()
	if n := h.files(t); n < 100 {
		t.Errorf("the data directory holds only %d files", n)
	}
	h.noMark(t)
	t.Logf("%d files, %d runs %v, %d places looked at", files, len(runs), outcomes, len(h.said))
}

// noMark looks for the person everywhere, and for the control.
func (h *house) noMark(t *testing.T) {
	t.Helper()
	seen := map[string]bool{}
	for where, text := range h.said {
		if found := told(text, marks...); found != "" {
			t.Errorf("%s holds %s", where, found)
		}
		if told(text, control) != "" {
			kind, _, _ := strings.Cut(where, " ")
			seen[kind] = true
			seen["page"] = seen["page"] || strings.HasPrefix(where, "/")
		}
	}
	for _, kind := range []string{"table", "file", "page"} {
		if !seen[kind] {
			t.Errorf("the search does not find the control in any %s", kind)
		}
	}
	planted := 0
	for _, folder := range []string{"records", "mistaken"} {
		paths, _ := filepath.Glob(filepath.Join(h.dir, folder, "*", "*.csv"))
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil || told(text, marks...) == "" {
				t.Errorf("%s holds no mark, %v", path, err)
			}
			planted++
		}
	}
	if planted < 40 {
		t.Errorf("only %d files were planted", planted)
	}
}
