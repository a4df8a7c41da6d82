package sheet_test

import (
	"bytes"

	"stalkstats/etl/parse/sheet"
)

// table is one sheet as the reader gave it.
type table struct {
	Name string
	Rows []numbered
}

type numbered struct {
	Number int
	Cells  []string
}

// readAll reads a whole file.
func readAll(file []byte, name string, limits sheet.Limits) ([]table, error) {
	book, err := sheet.Open(bytes.NewReader(file), int64(len(file)), name, limits)
	if err != nil {
		return nil, err
	}
	defer book.Close()
	var tables []table
	for book.Next() {
		t := table{Name: book.Sheet()}
		for book.Row() {
			n := numbered{Number: book.RowNumber()}
			for _, c := range book.Cells() {
				n.Cells = append(n.Cells, string(c))
			}
			t.Rows = append(t.Rows, n)
		}
		tables = append(tables, t)
	}
	return tables, book.Err()
}
