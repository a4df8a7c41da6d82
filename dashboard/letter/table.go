package letter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// mostPeriods is how many rows a table of periods has in a mail, the newest: its
// page has all.
const mostPeriods = 12

// table is a table with its caption before it, without columns in which nothing
// stands.
func (d *reader) table(n *html.Node) []*html.Node {
	var caption []*html.Node
	table := classed(element(atom.Table), "figures")
	for c := range n.ChildNodes() {
		if c.Data == "caption" {
			caption = d.read(c)
		} else if c.Type == html.ElementNode {
			for _, part := range d.read(c) {
				table.AppendChild(part)
			}
		}
	}
	rows := rowsOf(table)
	if len(rows) < 2 || len(cellsOf(rows[0])) == 0 {
		return nil
	}
	out := append(caption, table)
	if strings.TrimSpace(textOf(cellsOf(rows[0])[0])) == "Period" && len(rows)-1 > mostPeriods {
		for _, row := range rows[1+mostPeriods:] {
			row.Parent.RemoveChild(row)
		}
		said := fmt.Sprintf("The newest %d of %d periods: the page has all.", mostPeriods, len(rows)-1)
		out = append(out, small(element(atom.P, words(said))))
		rows = rows[:1+mostPeriods]
	}
	withoutEmpty(rows)
	d.rows += len(rows) - 1
	return out
}

func rowsOf(table *html.Node) (rows []*html.Node) {
	for n := range table.Descendants() {
		if n.Data == "tr" {
			rows = append(rows, n)
		}
	}
	return rows
}

func cellsOf(row *html.Node) []*html.Node {
	return slices.DeleteFunc(slices.Collect(row.ChildNodes()), func(n *html.Node) bool { return n.Data != "td" && n.Data != "th" })
}

// mostColumns is how many columns a cell of a mail may stand over.
const mostColumns = 30

// spanOf is over how many columns a cell stands.
func spanOf(cell *html.Node) int {
	if n, err := strconv.Atoi(attribute(cell, "colspan")); err == nil && n > 1 && n <= mostColumns {
		return n
	}
	return 1
}

// spanning makes a cell stand over that many columns.
func spanning(cell *html.Node, columns int) {
	cell.Attr = slices.DeleteFunc(cell.Attr, func(a html.Attribute) bool { return a.Key == "colspan" })
	if columns > 1 {
		cell.Attr = append(cell.Attr, html.Attribute{Key: "colspan", Val: strconv.Itoa(columns)})
	}
}

// cellAt is the cell of a row that stands over a column, counted from none; nil where
// the row is shorter.
func cellAt(row *html.Node, column int) *html.Node {
	for _, cell := range cellsOf(row) {
		if column -= spanOf(cell); column < 0 {
			return cell
		}
	}
	return nil
}

func columnsOf(row *html.Node) (n int) {
	for _, cell := range cellsOf(row) {
		n += spanOf(cell)
	}
	return n
}

// withoutEmpty removes the columns in which only the heading says something. A cell over
// several columns says what it says in each of them.
func withoutEmpty(rows []*html.Node) {
	for column := columnsOf(rows[0]) - 1; column > 0; column-- {
		empty := !slices.ContainsFunc(rows[1:], func(row *html.Node) bool {
			cell := cellAt(row, column)
			return cell == nil || strings.Trim(textOf(cell), " :") != ""
		})
		if !empty {
			continue
		}
		for _, row := range rows {
			if cell := cellAt(row, column); spanOf(cell) > 1 {
				spanning(cell, spanOf(cell)-1)
			} else {
				row.RemoveChild(cell)
			}
		}
	}
}
