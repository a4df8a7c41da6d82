package parse

import (
	"bytes"
	"slices"

	"stalkstats/etl/parse/sheet"
)

// recordColumns is how many columns each kind of extract has.
const recordColumns = 5

// A record is one row: where its cells stand in the text of its batch.
type record struct {
	row     int
	surplus int // the first column beyond the header that holds something, from 1; 0: none
	start   int
	ends    [recordColumns]int
	hash    seenHash // of the first column, filled in before the row is counted
}

// A recordBatch is some thousand rows, handed from the goroutine that reads
// the file to the one that counts.
type recordBatch struct {
	text    []byte
	records []record
}

const (
	batchRecords = 4096
	batchBytes   = 1 << 20
	batches      = 4
)

// cell is the i-th cell of a record, without padding.
func (b *recordBatch) cell(r *record, i int) []byte {
	start := r.start
	if i > 0 {
		start = r.ends[i-1]
	}
	return b.text[start:r.ends[i]]
}

// add copies the row that the book is at.
func (b *recordBatch) add(row int, cells [][]byte, place []int) {
	r := record{row: row, start: len(b.text)}
	for i, p := range place {
		if p < len(cells) {
			b.text = append(b.text, trim(cells[p])...)
		}
		r.ends[i] = len(b.text)
	}
	for i := len(place); i < len(cells); i++ {
		if len(bytes.TrimSpace(cells[i])) > 0 {
			r.surplus = i + 1
			break
		}
	}
	b.records = append(b.records, r)
}

// trim is bytes.TrimSpace, quicker where there is nothing to trim.
func trim(cell []byte) []byte {
	if n := len(cell); n == 0 || plainByte(cell[0]) && plainByte(cell[n-1]) {
		return cell
	}
	return bytes.TrimSpace(cell)
}

func plainByte(c byte) bool { return c > ' ' && c < 0x7f }

// stream hands every row of the table to use, in order, and the batch that it
// stands in; ahead is called with some rows before they are. The file is read in a goroutine of its own, which has ended when
// stream returns. again is true where a second sheet holds rows; a fault of the
// file is in book.Err.
func stream(book *sheet.Workbook, place []int, ahead func(*recordBatch, []record), use func(*recordBatch, *record)) (again bool) {
	empty, full := make(chan *recordBatch, batches), make(chan *recordBatch, batches)
	for range batches {
		empty <- &recordBatch{}
	}
	go func() {
		defer close(full)
		fillBatches(book, place, empty, full)
		again = anotherTable(book)
	}()
	for b := range full {
		for group := range slices.Chunk(b.records, 64) {
			ahead(b, group)
			for i := range group {
				use(b, &group[i])
			}
		}
		b.text, b.records = b.text[:0], b.records[:0]
		empty <- b
	}
	return again
}

func fillBatches(book *sheet.Workbook, place []int, empty <-chan *recordBatch, full chan<- *recordBatch) {
	b := <-empty
	for book.Row() {
		b.add(book.RowNumber(), book.Cells(), place)
		if len(b.records) == batchRecords || len(b.text) > batchBytes {
			full <- b
			b = <-empty
		}
	}
	full <- b
}

// anotherTable reports whether a later sheet of the book holds anything.
func anotherTable(book *sheet.Workbook) bool {
	for book.Err() == nil && book.Next() {
		if book.Row() {
			return true
		}
	}
	return false
}
