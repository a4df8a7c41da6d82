package main

import (
	"encoding/csv"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// imports is what each package of the module imports outside its tests, by
// the package's folder.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "testdata" || path != "." && strings.HasPrefix(entry.Name(), ".")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			folder := filepath.ToSlash(filepath.Dir(path))
			found[folder] = append(found[folder], name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 15 {
		t.Fatalf("only %d packages were found", len(found))
	}
	return found
}

const (
	driverPath = "github.com/ClickHouse/clickhouse-go"
	goEchart   = "github.com/go-echarts/go-echarts"
	jsEngine   = "github.com/dop251/goja"
	wasmEngine = "github.com/tetratelabs/wazero"
)

// pure is the packages without clock, network, database or chance.
var pure = []string{"etl/parse", "etl/timetable", "etl/validate", "dashboard/analysis", "dashboard/chart", "dashboard/disclosure", "dashboard/letter", "dashboard/report", "internal/personal", "internal/stats"}

// TestPurePackagesHaveNoClock: what they need to know of now is handed in.
func TestPurePackagesHaveNoClock(t *testing.T) {
	looked := 0
	for _, folder := range pure {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			looked++
			ast.Inspect(file, func(n ast.Node) bool {
				if call, ok := n.(*ast.SelectorExpr); ok {
					if pkg, ok := call.X.(*ast.Ident); ok && pkg.Name == "time" && slices.Contains([]string{"Now", "Since", "Until", "After", "Tick", "Sleep"}, call.Sel.Name) {
						t.Errorf("%s uses time.%s", path, call.Sel.Name)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if looked < 20 {
		t.Errorf("only %d files were looked at", looked)
	}
}

// TestImportRules keeps the architecture: docs/architecture.md has the rules
// in words.
func TestImportRules(t *testing.T) {
	below := func(folder, parent string) bool { return folder == parent || strings.HasPrefix(folder, parent+"/") }
	stages := []string{"etl/source", "etl/parse", "etl/validate", "etl/load"}
	driverFolders := []string{"internal/clickhouse", "schemas", "etl/load", "dashboard/query"}
	for folder, names := range imports(t) {
		for _, name := range names {
			own, ours := strings.CutPrefix(name, "stalkstats/")
			standard := !strings.Contains(strings.Split(name, "/")[0], ".") && !ours
			broken := func(rule string) { t.Errorf("%s imports %s: %s", folder, name, rule) }
			switch {
			case below(folder, "internal/stats") && !standard:
				broken("internal/stats imports only the standard library")
			case below(folder, "etl") && below(own, "dashboard"), below(folder, "dashboard") && below(own, "etl"):
				broken("etl and dashboard never import each other")
			case below(folder, "internal/config") && ours && !below(own, "internal"):
				broken("the configuration knows no part that it configures")
			case strings.HasPrefix(name, driverPath) && !slices.ContainsFunc(driverFolders, func(f string) bool { return folder == f || below(folder, "internal/clickhouse") }):
				broken("the ClickHouse driver is for " + strings.Join(driverFolders, ", "))
			case strings.HasPrefix(name, goEchart) && folder != "dashboard/chart":
				broken("go-echarts is for dashboard/chart")
			case strings.HasPrefix(name, jsEngine) && folder != "dashboard/draw":
				broken("the JavaScript engine is for dashboard/draw")
			case strings.HasPrefix(name, wasmEngine) && folder != "dashboard/picture":
				broken("the WebAssembly engine is for dashboard/picture")
			}
			for _, stage := range stages {
				if below(folder, stage) && below(own, "etl") && !below(own, stage) {
					broken("stages do not import stages")
				}
			}
			for _, p := range pure {
				if below(folder, p) && slices.Contains([]string{"net", "net/http", "os", "database/sql", "log", "log/slog", "math/rand", "math/rand/v2", "crypto/rand"}, name) {
					broken("no clock, network, database or globals here")
				}
			}
		}
	}
}

// TestNames keeps buckets for leftovers out of the tree.
func TestNames(t *testing.T) {
	for folder := range imports(t) {
		if slices.Contains([]string{"util", "utils", "common", "helpers", "misc"}, filepath.Base(folder)) {
			t.Errorf("%s: name the package after what it does", folder)
		}
	}
}

// TestMeasuresAreDocumented holds docs/measures.md to the reference data: each
// measure with its definition and what it adds up over, and each bearing.
func TestMeasuresAreDocumented(t *testing.T) {
	f, err := os.Open("schemas/reference/measures.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 15 {
		t.Fatalf("%d rows, error %v", len(rows), err)
	}
	page := read(t, "docs/measures.md")
	place := func(column string) int { return slices.Index(rows[0], column) }
	hasLine := func(parts ...string) bool {
		for line := range strings.Lines(page) {
			if !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(line, part) }) {
				return true
			}
		}
		return false
	}
	bearings, refs := 0, map[string]bool{}
	for _, row := range rows[1:] {
		if !hasLine("| `"+row[0]+"` | ", row[place("definition")], row[place("caveat")], "| "+row[place("adds_up")]+" |\n") {
			t.Errorf("docs/measures.md does not have %s with its definition, its caveat and what it adds up over", row[0])
		}
		for bearing := range strings.SplitSeq(row[place("recommendations")], "|") {
			ref, strength, _ := strings.Cut(bearing, ":")
			if bearing != "" {
				bearings++
				refs[ref] = true
			}
			if bearing != "" && !hasLine("| "+ref+" (", "`"+row[0]+"`", "| "+strength+" | "+row[place("what_it_shows")]+" |") {
				t.Errorf("docs/measures.md does not say that %s bears on %s: %s", row[0], ref, strength)
			}
		}
	}
	for _, ref := range []string{"7", "10", "16", "25", "D", "E1", "E2", "E3", "orders", "breaches"} {
		if !refs[ref] {
			t.Errorf("no measure bears on %s", ref)
		}
	}
	if told := strings.Count(page, " | strong | ") + strings.Count(page, " | partial | ") + strings.Count(page, " | document | "); bearings < 20 || told > bearings {
		t.Errorf("%d bearings in the file, %d lines of them on the page", bearings, told)
	}
}

// TestSourcesAreDocumented: every layout has a page, and says its columns.
func TestSourcesAreDocumented(t *testing.T) {
	for _, name := range parserNames() {
		if page := read(t, "docs/sources/"+name+".md"); !strings.Contains(page, "## Columns") {
			t.Errorf("docs/sources/%s.md does not describe the columns", name)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
