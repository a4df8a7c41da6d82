package sheet_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/parse/sheet"
	"stalkstats/etl/parse/sheet/sheettest"
)

// randomTable has the cells that published tables have, and worse ones.
func randomTable(r *rand.Rand) [][]any {
	texts := []string{"Devon & Cornwall", " 389 ", "-00 ", "a  b", "<8Q>", `"`, "London, City of", "x\ny", "é–😀", "\tz", "]]>", "'"}
	rows := make([][]any, 1+r.IntN(20))
	for i := range rows {
		for range r.IntN(8) {
			switch r.IntN(5) {
			case 0:
				rows[i] = append(rows[i], nil)
			case 1:
				rows[i] = append(rows[i], r.IntN(5000)-10)
			case 2:
				rows[i] = append(rows[i], float64(r.IntN(100000))/64)
			default:
				rows[i] = append(rows[i], texts[r.IntN(len(texts))])
			}
		}
	}
	rows[0] = append(rows[0], "end")
	return rows
}

func expected(rows [][]any) (want [][]string) {
	for _, cells := range rows {
		var texts []string
		for _, c := range cells {
			texts = append(texts, sheettest.Text(c))
		}
		for len(texts) > 0 && texts[len(texts)-1] == "" {
			texts = texts[:len(texts)-1]
		}
		if len(texts) > 0 {
			want = append(want, texts)
		}
	}
	return want
}

// TestTheThreeKindsAgree writes the same random table in each of them.
func TestTheThreeKindsAgree(t *testing.T) {
	writers := map[string]func(io.Writer, ...sheettest.Sheet) error{
		"ods":  sheettest.WriteODS,
		"xlsx": sheettest.WriteXLSX,
		"csv":  func(w io.Writer, s ...sheettest.Sheet) error { return sheettest.WriteCSV(w, s[0]) },
	}
	for seed := range uint64(60) {
		rows := randomTable(rand.New(rand.NewPCG(seed, 1)))
		want := expected(rows)
		for kind, write := range writers {
			var file bytes.Buffer
			if err := write(&file, sheettest.Sheet{Name: "S", Rows: slices.Values(rows)}); err != nil {
				t.Fatal(err)
			}
			tables, err := readAll(file.Bytes(), "f."+kind, sheet.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			var got [][]string
			for _, r := range tables[0].Rows {
				got = append(got, r.Cells)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s, seed %d (-want +got):\n%s", kind, seed, diff)
			}
		}
	}
}

// TestHomeOffice adds up what the generator says is in the file, over forces
// and quarters.
func TestHomeOffice(t *testing.T) {
	var file bytes.Buffer
	made, err := sheettest.HomeOfficeODS(&file, 20<<20)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := readAll(file.Bytes(), "prc.ods", sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	sums := map[sheettest.YearCode]int64{}
	for _, sheet := range tables[2:] {
		for _, r := range sheet.Rows[1:] {
			n, err := strconv.ParseInt(r.Cells[7], 10, 64)
			if err != nil || strings.ReplaceAll(r.Cells[0], "/", "_") != sheet.Name {
				t.Fatal(r, err)
			}
			sums[sheettest.YearCode{Year: r.Cells[0], Code: r.Cells[6]}] += n
		}
	}
	if diff := cmp.Diff(made.Sums, sums); diff != "" {
		t.Errorf("sums (-want +got):\n%s", diff)
	}
	if tables[2].Name != "2012_13" || tables[len(tables)-1].Name != "2025_26" || len(tables) != 16 {
		t.Errorf("sheets from %s to %s, %d in all", tables[2].Name, tables[len(tables)-1].Name, len(tables))
	}
}
