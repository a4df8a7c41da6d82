package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"stalkstats/etl/parse"
	"stalkstats/etl/parse/sheet"
	"stalkstats/etl/validate"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

// TestTemplatesOnThePages holds the page of each layout of our own to its
// columns: the page says of each what the file to fill in says.
func TestTemplatesOnThePages(t *testing.T) {
	own := 0
	for _, p := range parse.Parsers() {
		if !p.Own() {
			continue
		}
		own++
		page := read(t, "docs/sources/"+p.Name+".md")
		for _, k := range append([]parse.Kind{{Columns: p.Columns}}, p.Kinds...) {
			for _, c := range k.Columns {
				if line := columnLine(c); !strings.Contains(page, line+"\n") {
					t.Errorf("docs/sources/%s.md does not have the line\n%s", p.Name, line)
				}
			}
		}
	}
	if own < 9 {
		t.Errorf("only %d layouts of our own", own)
	}
}

// columnLine is a column as the page of its source has it.
func columnLine(c parse.Column) string {
	example := ""
	if c.Example != "" {
		example = "`" + c.Example + "`"
	}
	return strings.ReplaceAll(fmt.Sprintf("| `%s` | %s | %s |", c.Name, strings.ReplaceAll(c.Explains, "|", `\|`), strings.ReplaceAll(example, "|", `\|`)), "|  |", "| |")
}

// TestTemplatesPassTheChecks: a file that is filled in with its own examples
// is not only read but also passes the checks against areas and measures.
func TestTemplatesPassTheChecks(t *testing.T) {
	reference := map[string][]any{}
	for _, name := range []string{"areas", "measures"} {
		text, err := fs.ReadFile(schemas.Reference(), name+".csv")
		if err != nil {
			t.Fatal(err)
		}
		reference[name] = parsed(t, name, text, nil)
	}
	areas, measures := stats.NewAreas(rowsOf[stats.Area](reference["areas"])), stats.NewMeasures(rowsOf[stats.Measure](reference["measures"]))
	for _, p := range parse.Parsers() {
		if !p.Own() || p.RecordLevel {
			continue
		}
		file, err := parse.Template(p, "")
		if err != nil {
			t.Fatal(err)
		}
		checker := validate.New(areas, measures, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		for _, row := range parsed(t, p.Name, append(file, exampleRow(t, p)...), areas) {
			if fault := checker.Row(row); fault != nil {
				t.Errorf("%s: %+v", p.Name, fault)
			}
		}
	}
}

func exampleRow(t *testing.T, p parse.Parser) []byte {
	t.Helper()
	var cells []string
	for _, c := range p.Columns {
		cells = append(cells, c.Example)
	}
	var row bytes.Buffer
	w := csv.NewWriter(&row)
	if err := w.Write(cells); err != nil {
		t.Fatal(err)
	}
	w.Flush()
	return row.Bytes()
}

// parsed is the rows of a file that must be in order.
func parsed(t *testing.T, layout string, file []byte, areas *stats.Areas) []any {
	t.Helper()
	p, _ := parse.Find(layout)
	book, err := sheet.Open(bytes.NewReader(file), int64(len(file)), layout+".csv", sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	var rows []any
	out := &parse.Output{Take: func(row any) (*stats.Fault, error) {
		rows = append(rows, row)
		return nil, nil
	}}
	if err := p.Parse(parse.Input{Book: book, File: layout + ".csv", Source: layout, Areas: areas}, out); err != nil || out.Rejected > 0 || len(rows) == 0 {
		t.Fatalf("%s: %v, %d rows, %+v", layout, err, len(rows), out.Rejections)
	}
	return rows
}

func rowsOf[T any](rows []any) []T {
	var all []T
	for _, row := range rows {
		all = append(all, row.(T))
	}
	return all
}
