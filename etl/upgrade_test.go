package etl_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

// older is the reference data of a program that did not know the last measure
// of today's, with the name of that.
func older(t *testing.T) (files fstest.MapFS, added string) {
	t.Helper()
	files = fstest.MapFS{}
	for _, name := range []string{"areas.csv", "measures.csv"} {
		text, err := fs.ReadFile(schemas.Reference(), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	text := bytes.TrimRight(files["measures.csv"].Data, "\n")
	end := bytes.LastIndexByte(text, '\n') + 1
	files["measures.csv"].Data = text[:end]
	name, _, _ := bytes.Cut(text[end:], []byte(","))
	return files, string(name)
}

// started is the sources that a start runs, in order, and whether a measure is
// served after it.
func (b *bench) started(t *testing.T, measure string) (sources []string, serves bool) {
	t.Helper()
	since := b.now.UTC()
	if err := b.etl.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	row := b.conn.QueryRow(t.Context(), `
		SELECT arrayMap(x -> x.2, arraySort(groupUniqArray((started_at, source)))) FROM runs WHERE started_at > {since:DateTime64(3)}`,
		clickhouse.Named("since", since.Format("2006-01-02 15:04:05.000")))
	if err := row.Scan(&sources); err != nil {
		t.Fatal(err)
	}
	measures, err := b.reader.Measures(t.Context(), query.Latest)
	if err != nil {
		t.Fatal(err)
	}
	return sources, len(measures.ByID(measure)) > 0
}

// TestAnUpgradeLoadsItsReferenceData: a program that knows a measure more loads
// it at its first start, and only then; a file that somebody loads in place of
// the program's own stands from one start to the next.
func TestAnUpgradeLoadsItsReferenceData(t *testing.T) {
	b := newBench(t)
	b.cfg.ETL.Sources = b.cfg.ETL.Sources[:2]
	files, added := older(t)
	b.etl = b.over(b.conn)
	b.etl.SetBuiltin(files)
	start := func(what string, serves bool, want ...string) {
		t.Helper()
		got, has := b.started(t, added)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" || has != serves {
			t.Errorf("%s: %s served: %t, want %t; runs (-want +got):\n%s", what, added, has, serves, diff)
		}
	}
	start("the older program", false, "areas", "measures")
	start("the older program again", false)
	b.etl = b.over(b.conn)
	start("the newer program", true, "measures")
	start("the newer program again", true)
	newest, err := fs.ReadFile(schemas.Reference(), "measures.csv")
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(b.cfg.DataDir, "own.csv")
	if err := os.WriteFile(own, bytes.Replace(newest, []byte("Stalking charges"), []byte("Charges of stalking"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	b.must(t, "measures", own, stats.Published)
	start("after somebody's own file", true)
}
