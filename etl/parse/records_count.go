package parse

import (
	"encoding/binary"
	"fmt"

	"stalkstats/internal/stats"
)

// The days before which nothing can have been counted.
const (
	stalkingBegan recordDay = 20121125 // sections 2A and 4A came into force
	ordersBegan   recordDay = 20200120
)

// What stands for a month where a row has none that counts.
const (
	noMonth = -1 // the row does not say which
	notOver = -2
)

// A recordCounter counts the rows of one extract. Of a row it keeps a hash of
// its identifiers, its month and its number, and of an order the days of its
// stages, until the file is read.
type recordCounter struct {
	in       Input
	out      *Output
	kind     recordKind
	today    recordDay
	header   int // the row that the header stands in
	offences *offences
	seen     *seenSet
	orders   keptOrders
	key      []byte
	read     uint64       // what near gave: without a use, it would not be read
	months   []monthTally // from January 1990 to the month before today's
	undated  int          // rejected rows that do not tell their month
}

// once reports whether this is the first row of its record_id, and deals with
// a row that is not.
func (c *recordCounter) once(b *recordBatch, r *record, id, month, flags int) bool {
	cell := b.cell(r, id)
	if len(cell) == 0 {
		c.reject(r, c.kind.columns[id].Name, month, "the cell is empty: fill it in")
		return false
	}
	return c.first(r, c.kind.columns[id].Name, r.hash, month, flags)
}

// first reports whether the key is new. One that comes again with the same
// month and flags is the same thing again; with others, nobody knows which
// row is right.
func (c *recordCounter) first(r *record, column string, key seenHash, month, flags int) bool {
	before, known := c.seen.add(key, newFact(month, flags, r.row))
	switch {
	case !known:
		return true
	case before.month() == month && before.flags() != flags:
		c.reject(r, column, month, "this "+column+" is in "+rowName(before.row())+" with other answers: only one can be right")
	default:
		c.again(r, column, before.month(), before.row(), month)
	}
	return false
}

// again deals with a row of what was counted before, in the month and the row before.
func (c *recordCounter) again(r *record, column string, monthBefore, rowBefore, month int) {
	if monthBefore == month {
		c.out.exclude("record counted already")
		return
	}
	c.doubt(monthBefore)
	c.reject(r, column, month, "this "+column+" is in "+rowName(rowBefore)+" with another date: only one can be right")
}

// rowName names a row, unless it is the most that could be remembered.
func rowName(row int) string {
	if row == mostRow {
		return "an earlier row"
	}
	return fmt.Sprintf("row %d", row)
}

// hashOf is the hash of an identifier together with a number; sort keeps what
// has the same two apart.
func (c *recordCounter) hashOf(sort byte, id []byte, number uint64) seenHash {
	c.key = append(binary.BigEndian.AppendUint64(append(c.key[:0], sort), number), id...)
	return c.seen.hash(c.key)
}

// day reads a date that the row may be of; the reason says what is wrong.
func (c *recordCounter) day(cell []byte, earliest recordDay) (day recordDay, reason string) {
	if len(cell) == 0 {
		return 0, "the cell is empty: fill it in"
	}
	day, ok := readDay(cell)
	switch {
	case !ok:
		return 0, "not a date: write the day as 2024-09-27 or 27/09/2024; a time may follow, without a zone"
	case day > c.today:
		return 0, "the date is in the future: check the year"
	case day < firstYear*10_000:
		return 0, "the date is before 1990: check the year"
	case day < earliest && earliest == ordersBegan:
		return 0, "the orders began on 20 January 2020: check the year"
	case day < earliest:
		return 0, "stalking became an offence on 25 November 2012: check the year"
	}
	return day, ""
}

// monthOf is the month of a row's date, and notes that the extract has a row
// of it; noMonth where the date is none, notOver where its month still runs.
func (c *recordCounter) monthOf(r *record, day recordDay, reason string) int {
	switch {
	case reason != "":
		return noMonth
	case day.month() >= len(c.months):
		return notOver
	}
	if m := &c.months[day.month()]; m.row == 0 {
		m.row = r.row
	}
	return day.month()
}

// add counts a row into figures of a month.
func (c *recordCounter) add(month int, r *record, figures ...int) {
	for _, i := range figures {
		tally := &c.months[month].figures[i]
		tally.things++
		tally.rows++
		if tally.row == 0 {
			tally.row = r.row
		}
	}
	c.out.count()
	c.out.Loaded++
}

// reject refuses a row. What is known of its month makes that month's figures
// doubtful, should the source's settings let the file pass.
func (c *recordCounter) reject(r *record, column string, month int, reason string) {
	switch {
	case month == noMonth:
		c.undated++
	case month != notOver:
		c.doubt(month)
	}
	c.out.reject(stats.Origin{File: c.in.File, Row: r.row}, &stats.Fault{Column: column, Reason: reason})
}

func (c *recordCounter) doubt(month int) { c.months[month].refused++ }
