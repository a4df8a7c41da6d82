package etl_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"stalkstats/dashboard/query"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// TestControlCharactersOfOthers: a published table in which one cell holds a control
// character, a dash as an old program writes it, is loaded as if it held a space. Nobody here
// can mend it, and a schedule would fetch it again for ever.
func TestControlCharactersOfOthers(t *testing.T) {
	text, err := os.ReadFile("../sample/home_office_recorded_crime.csv")
	if err != nil {
		t.Fatal(err)
	}
	dashed := bytes.Replace(text, []byte("Avon and Somerset"), []byte("Avon\u0096and Somerset"), 1)
	if bytes.Equal(dashed, text) {
		t.Fatal("no such force is in the sample")
	}
	load := func(text []byte) *bench {
		b := newBench(t)
		b.cfg.ETL.Sources = append(b.cfg.ETL.Sources, config.Source{Name: "crime", Parser: "home_office_recorded_crime"})
		b.etl = b.over(b.conn)
		path := filepath.Join(b.cfg.DataDir, "table.csv")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		b.must(t, "crime", path, stats.Published)
		return b
	}
	want := load(text).served(t, query.Latest)
	if len(want) == 0 {
		t.Error("nothing is served")
	}
	load(dashed).serves(t, want...)
}
