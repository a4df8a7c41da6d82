package parse_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"stalkstats/etl/parse"
	"stalkstats/etl/parse/sheet"
)

// filled is the file to fill in, with the example of each column in one row.
func filled(t testing.TB, p parse.Parser, kind string) []byte {
	t.Helper()
	file, err := parse.Template(p, kind)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := p.ColumnsOf(kind)
	if err != nil {
		t.Fatal(err)
	}
	var examples []string
	for _, c := range columns {
		examples = append(examples, c.Example)
	}
	var row bytes.Buffer
	w := csv.NewWriter(&row)
	if err := w.Write(examples); err != nil {
		t.Fatal(err)
	}
	w.Flush()
	return append(file, row.Bytes()...)
}

// TestTemplatesCanBeLoaded: a file to fill in holds the header alone, and
// filled in with its own examples it is loaded without a fault.
func TestTemplatesCanBeLoaded(t *testing.T) {
	own := 0
	for _, p := range parse.Parsers() {
		if !p.Own() || p.RecordLevel {
			continue
		}
		own++
		empty, err := parse.Template(p, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, p.Name, p.Name+".csv", empty, sheet.Limits{}); got.err == nil || !strings.Contains(got.err.Error(), "a header and no rows") {
			t.Errorf("%s, empty: %v", p.Name, got.err)
		}
		got := read(t, p.Name, p.Name+".csv", filled(t, p, ""), sheet.Limits{})
		accounted(t, got)
		if got.err != nil || got.out.Loaded != 1 || got.out.Read != 1 {
			t.Errorf("%s, filled in: %v, %d of %d rows loaded, %v", p.Name, got.err, got.out.Loaded, got.out.Read, rejections(got))
		}
	}
	if own < 9 {
		t.Errorf("only %d layouts of our own", own)
	}
}

func TestTemplate(t *testing.T) {
	p, _ := parse.Find("most_similar_groups")
	file, err := parse.Template(p, "")
	if want := "\ufeffarea_code,similar_area_code,valid_from,source\r\n"; err != nil || string(file) != want {
		t.Errorf("%q, %v, want %q", file, err, want)
	}
	text, err := parse.Explain(p, "")
	if err != nil || !strings.Contains(text, "valid_from: the first day on which the group is so, such as 2024-04-01 (example: 2024-04-01)\n") || strings.Count(text, "\n") != 4 {
		t.Errorf("%q, %v", text, err)
	}
}

// TestTemplateOfAKind: a layout with several tables has a file for each.
func TestTemplateOfAKind(t *testing.T) {
	p := parse.Parser{Name: "records", Kinds: []parse.Kind{{"arrests", []parse.Column{{"id", "a key", "1"}}}, {"orders", []parse.Column{{"stage", "how far, or not", ""}}}}}
	if file, err := parse.Template(p, "orders"); err != nil || string(file) != "\ufeffstage\r\n" {
		t.Errorf("%q, %v", file, err)
	}
	if text, err := parse.Explain(p, "orders"); err != nil || text != "stage: how far, or not\n" {
		t.Errorf("%q, %v", text, err)
	}
	published, _ := parse.Find("ons_population")
	single, _ := parse.Find("spo_returns")
	for _, tt := range []struct {
		p          parse.Parser
		kind, says string
	}{
		{p, "", "records has files of several kinds: name one of arrests, orders"},
		{p, "charges", "records has files of several kinds: name one of arrests, orders"},
		{single, "orders", `spo_returns has one kind of file only: leave "orders" out`},
		{published, "", "ons_population is a table that others publish: there is no file to fill in"},
	} {
		if _, err := parse.Template(tt.p, tt.kind); err == nil || err.Error() != tt.says {
			t.Errorf("Template(%s, %q): %v, want %s", tt.p.Name, tt.kind, err, tt.says)
		}
		if _, err := parse.Explain(tt.p, tt.kind); err == nil || err.Error() != tt.says {
			t.Errorf("Explain(%s, %q): %v, want %s", tt.p.Name, tt.kind, err, tt.says)
		}
	}
}

// TestColumnsAreExplained: each column of our own layouts says what goes in,
// in one line, and stands once.
func TestColumnsAreExplained(t *testing.T) {
	for _, p := range parse.Parsers() {
		kinds := append([]parse.Kind{{Columns: p.Columns}}, p.Kinds...)
		for _, k := range kinds {
			var seen []string
			for _, c := range k.Columns {
				if c.Explains == "" || strings.ContainsAny(c.Explains+c.Example, "\r\n") || slices.Contains(seen, c.Name) {
					t.Errorf("%s %s: %+v", p.Name, k.Name, c)
				}
				seen = append(seen, c.Name)
			}
		}
	}
}
