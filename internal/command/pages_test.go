package command

import (
	"strings"
	"testing"

	"stalkstats/etl/parse"
)

// TestEveryLayoutIsOnThePages: each file that people fill in, of each kind, has a
// title, its columns and an empty file, and the command prints the same file.
func TestEveryLayoutIsOnThePages(t *testing.T) {
	layouts, err := PageLayouts()
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	f := newFolder(t)
	for _, l := range layouts {
		if told[l.Name+" "+l.Kind] || l.Title == "" || len(l.Columns) < 3 {
			t.Errorf("%s %s: %q, %d columns", l.Name, l.Kind, l.Title, len(l.Columns))
		}
		told[l.Name+" "+l.Kind] = true
		args := []string{"etl", "template", l.Name}
		if l.Kind != "" {
			args = append(args, "--kind", l.Kind)
		}
		got := f.command(t, args...)
		if got.out != string(l.Template) || strings.Count(got.errors, "\n") != len(l.Columns) {
			t.Errorf("%v: %+v", args, got)
		}
	}
	for _, p := range parse.Parsers() {
		for _, kind := range append(parse.KindNames()[p.Name], "") {
			if _, err := p.ColumnsOf(kind); (err == nil) != told[p.Name+" "+kind] {
				t.Errorf("%s %q: on the pages %v, %v", p.Name, kind, told[p.Name+" "+kind], err)
			}
		}
	}
}
