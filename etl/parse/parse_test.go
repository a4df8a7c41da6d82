package parse_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/parse"
	"stalkstats/etl/parse/sheet"
	"stalkstats/etl/parse/sheet/sheettest"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

// result is what reading a file came to.
type result struct {
	out     *parse.Output
	rows    []any
	err     error
	records bool // the file was of a record-level layout
}

// read reads a file of any bytes in a layout, against the areas in the program.
func read(t testing.TB, layout, name string, file []byte, limits sheet.Limits) result {
	t.Helper()
	return readWith(t, layout, name, file, limits, parse.Settings{Area: "E23000026", Kind: "arrests"})
}

// readWith reads with a source's own settings, on 27 September 2024.
func readWith(t testing.TB, layout, name string, file []byte, limits sheet.Limits, settings parse.Settings) result {
	t.Helper()
	return readInput(t, layout, parse.Input{File: name, Source: "test", Today: stats.Day(2024, 9, 27), Settings: settings}, file, limits)
}

func readInput(t testing.TB, layout string, in parse.Input, file []byte, limits sheet.Limits) result {
	t.Helper()
	p, ok := parse.Find(layout)
	if !ok {
		t.Fatalf("no parser is named %q", layout)
	}
	r := result{out: &parse.Output{}, records: p.RecordLevel}
	r.out.Take = func(row any) (*stats.Fault, error) {
		r.rows = append(r.rows, row)
		return nil, nil
	}
	book, err := sheet.Open(bytes.NewReader(file), int64(len(file)), in.File, limits)
	if err != nil {
		r.err = p.Clean(err)
		return r
	}
	defer book.Close()
	in.Book, in.Areas = book, stats.NewAreas(nil)
	if !p.Reference {
		in.Areas = areas()
	}
	r.err = p.Parse(in, r.out)
	return r
}

// areas is the areas in the program, read by the parser itself.
var areas = sync.OnceValue(func() *stats.Areas {
	text, err := fs.ReadFile(schemas.Reference(), "areas.csv")
	if err != nil {
		panic(err)
	}
	book, err := sheet.Open(bytes.NewReader(text), int64(len(text)), "areas.csv", sheet.Limits{})
	if err != nil {
		panic(err)
	}
	defer book.Close()
	var list []stats.Area
	p, _ := parse.Find("areas")
	if err := p.Parse(parse.Input{Book: book, File: "areas.csv"}, &parse.Output{Take: func(row any) (*stats.Fault, error) {
		list = append(list, row.(stats.Area))
		return nil, nil
	}}); err != nil {
		panic(err)
	}
	return stats.NewAreas(list)
})

// accounted checks what holds for every file: each row is loaded, excluded or
// rejected, and a fault of the file is a sentence with its name.
func accounted(t testing.TB, r result) {
	t.Helper()
	if taken := len(rowsBehind(r)); r.out.Read != r.out.Loaded+r.out.Excluded()+r.out.Rejected || !r.records && r.out.Loaded != uint64(taken) {
		t.Errorf("read %d is not loaded %d + excluded %d + rejected %d (%d rows came from %d)",
			r.out.Read, r.out.Loaded, r.out.Excluded(), r.out.Rejected, len(r.rows), taken)
	}
	if uint64(len(r.out.Rejections)) != min(r.out.Rejected, parse.KeptRejections) {
		t.Errorf("%d of %d rejected rows are kept", len(r.out.Rejections), r.out.Rejected)
	}
	for _, x := range r.out.Rejections {
		if x.Row == 0 || x.File == "" || x.Column == "" || x.Reason == "" {
			t.Errorf("a rejection that leads nowhere: %+v", x)
		}
	}
	var fault *sheet.Error
	if r.err != nil && (!errors.As(r.err, &fault) || fault.File == "" || fault.Problem == "" || fault.Advice == "") {
		t.Errorf("not a sentence with advice: %#v", r.err)
	}
	for _, row := range r.rows {
		if o, ok := row.(stats.Observation); ok {
			checkObservation(t, o, r.records)
		}
	}
}

// rowsBehind is the rows of the file that the loaded rows came from: a row
// that holds several figures becomes several.
func rowsBehind(r result) map[stats.Origin]bool {
	from := map[stats.Origin]bool{}
	for _, row := range r.rows {
		from[reflect.ValueOf(row).FieldByName("Origin").Interface().(stats.Origin)] = true
	}
	return from
}

// checkObservation checks what holds for every figure. A figure that was
// counted from no row leads back to the header.
func checkObservation(t testing.TB, o stats.Observation, counted bool) {
	t.Helper()
	if err := o.Value.Validate(); err != nil {
		t.Errorf("%+v: %v", o, err)
	}
	if o.Period.End.Before(o.Period.Start) || o.Slice == "" || o.Origin.Row < 1 || o.Origin.Row < 2 && (!counted || o.Value.Number > 0) || o.Source != "test" {
		t.Errorf("not a whole observation: %+v", o)
	}
}

// rejections is the rejected rows in short: row, column, value and reason.
func rejections(r result) []string {
	var all []string
	for _, x := range r.out.Rejections {
		place := fmt.Sprintf("%d", x.Row)
		if x.Sheet != "" {
			place = x.Sheet + " " + place
		}
		all = append(all, fmt.Sprintf("%s, %s, %q: %s", place, x.Column, x.Value, x.Reason))
	}
	return all
}

// figures is the loaded observations in short.
func figures(r result) []string {
	var all []string
	for _, row := range r.rows {
		o := row.(stats.Observation)
		value := strconv.FormatFloat(o.Value.Number, 'f', -1, 64)
		if !o.Value.Known {
			value = "-"
		}
		text := strings.Join([]string{o.Area, o.Period.Label(), o.Measure, value}, " | ")
		for _, more := range []string{string(o.Value.Markers), o.Breakdown, o.BreakdownValue, o.Note} {
			if more != "" {
				text += " | " + more
			}
		}
		all = append(all, text)
	}
	return all
}

// table makes rows of cells from lines of cells parted by |.
func table(name string, lines ...string) sheettest.Sheet {
	return sheettest.Sheet{Name: name, Rows: func(yield func([]any) bool) {
		for _, line := range lines {
			var cells []any
			for cell := range strings.SplitSeq(line, "|") {
				cells = append(cells, cell)
			}
			if !yield(cells) {
				return
			}
		}
	}}
}

// kinds is the ways in which a workbook is written.
var kinds = map[string]func(io.Writer, ...sheettest.Sheet) error{"ods": sheettest.WriteODS, "xlsx": sheettest.WriteXLSX}

func workbook(t testing.TB, kind string, sheets ...sheettest.Sheet) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := kinds[kind](&file, sheets...); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// A layoutTest is a CSV of one layout and what must come of it.
type layoutTest struct {
	name     string
	csv      string // below the header, unless fault is asked for
	loads    []string
	rejects  []string
	excludes []stats.Exclusion
	fault    string // of the whole file
}

// check runs the tests of a layout; a test whose text starts with "=" brings
// its own header.
func check(t *testing.T, layout, header string, show func(result) []string, tests []layoutTest) {
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, whole := strings.CutPrefix(tt.csv, "=")
			if !whole {
				text = header + "\n" + tt.csv
			}
			r := read(t, layout, "file.csv", []byte(text), sheet.Limits{})
			accounted(t, r)
			got := ""
			if r.err != nil {
				got = r.err.Error()
			}
			if got != tt.fault {
				t.Errorf("error %q, want %q", got, tt.fault)
			}
			if tt.fault != "" {
				return
			}
			if diff := cmp.Diff(tt.loads, show(r)); diff != "" {
				t.Errorf("loaded (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.rejects, rejections(r)); diff != "" {
				t.Errorf("rejected (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.excludes, r.out.Exclusions()); diff != "" {
				t.Errorf("excluded (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTakeCanRefuse: a fault that Take finds is a rejected row, an error ends
// the reading and is handed on.
func TestTakeCanRefuse(t *testing.T) {
	const text = "area_code,period,measure,breakdown,breakdown_value,value,value_note,comment\n" +
		"E23000026,2024-03,stalking_charges,,,5,,\nE23000026,2024-04,stalking_charges,,,6,,\n"
	book, err := sheet.Open(strings.NewReader(text), int64(len(text)), "f.csv", sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	stop := errors.New("the disk is full")
	seen := 0
	out := &parse.Output{Take: func(any) (*stats.Fault, error) {
		if seen++; seen == 2 {
			return nil, stop
		}
		return &stats.Fault{Column: "value", Value: strings.Repeat("9", 300), Reason: "too many"}, nil
	}}
	p, _ := parse.Find("force_return")
	if err := p.Parse(parse.Input{Book: book, File: "f.csv", Areas: areas()}, out); !errors.Is(err, stop) {
		t.Errorf("error %v", err)
	}
	if out.Rejected != 1 || out.Loaded != 0 || len(out.Rejections) != 1 {
		t.Fatalf("%d rejected, %d loaded", out.Rejected, out.Loaded)
	}
	if got, want := out.Rejections[0].Value, strings.Repeat("9", 200)+"… (300 characters)"; got != want {
		t.Errorf("the value is kept as %q", got)
	}
}

// TestProgress: it is called now and then, with the rows read until then.
func TestProgress(t *testing.T) {
	text := []byte(crimeHeader + "\n" + strings.Repeat("2017/18,1,Kent,Theft,Theft,Theft,99,1\n", 25_000))
	book, err := sheet.Open(bytes.NewReader(text), int64(len(text)), "f.csv", sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	var told []uint64
	out := &parse.Output{Progress: func(read uint64) { told = append(told, read) }}
	p, _ := parse.Find("home_office_recorded_crime")
	if err := p.Parse(parse.Input{Book: book, File: "f.csv", Areas: areas()}, out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]uint64{10_000, 20_000}, told); diff != "" || out.Read != 25_000 {
		t.Errorf("%d rows; told (-want +got):\n%s", out.Read, diff)
	}
}
