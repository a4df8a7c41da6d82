package parse

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
)

// A Column is one column of a layout of our own. It is declared once: the
// parser, the file to fill in and the page of the source all read it here.
type Column struct {
	Name     string
	Explains string // what goes in, in one line
	Example  string // a cell as it may be; empty where the cell may be left empty
}

// A Kind is one of several tables that a layout reads, each with its columns.
type Kind struct {
	Name    string
	Columns []Column
}

// Own reports whether the layout is our own, and so may be filled in; the
// others are what somebody publishes.
func (p Parser) Own() bool { return len(p.Columns) > 0 || len(p.Kinds) > 0 }

// ColumnsOf is the columns of a layout of our own, or of one of its kinds. The
// kind is empty where the layout has none. The error is a sentence for whoever
// asked. The caller must not change the columns.
func (p Parser) ColumnsOf(kind string) ([]Column, error) {
	switch {
	case !p.Own():
		return nil, fmt.Errorf("%s is a table that others publish: there is no file to fill in", p.Name)
	case len(p.Kinds) == 0 && kind != "":
		return nil, fmt.Errorf("%s has one kind of file only: leave %q out", p.Name, kind)
	case len(p.Kinds) == 0:
		return p.Columns, nil
	}
	i := slices.IndexFunc(p.Kinds, func(k Kind) bool { return k.Name == kind })
	if i < 0 {
		return nil, fmt.Errorf("%s has files of several kinds: name one of %s", p.Name, strings.Join(p.kindNames(), ", "))
	}
	return p.Kinds[i].Columns, nil
}

// KindNames is the kinds of file of the layouts that have several.
func KindNames() map[string][]string {
	all := map[string][]string{}
	for _, p := range Parsers() {
		if len(p.Kinds) > 0 {
			all[p.Name] = p.kindNames()
		}
	}
	return all
}

func (p Parser) kindNames() (all []string) {
	for _, k := range p.Kinds {
		all = append(all, k.Name)
	}
	return all
}

// Template is an empty file to fill in: a CSV that holds the header and no
// row. It begins with the mark by which a spreadsheet program knows UTF-8, and
// its line ends as such programs write it.
func Template(p Parser, kind string) ([]byte, error) {
	columns, err := p.ColumnsOf(kind)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	file.WriteString("\ufeff")
	w := csv.NewWriter(&file)
	w.UseCRLF = true
	if err := w.Write(names(columns)); err != nil {
		return nil, fmt.Errorf("write the header of %s: %w", p.Name, err)
	}
	w.Flush()
	return file.Bytes(), w.Error()
}

// Explain says what goes into each column of a layout of our own, a line for
// each, as plain text.
func Explain(p Parser, kind string) (string, error) {
	columns, err := p.ColumnsOf(kind)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, c := range columns {
		text.WriteString(c.Name + ": " + c.Explains)
		if c.Example != "" {
			text.WriteString(" (example: " + c.Example + ")")
		}
		text.WriteString("\n")
	}
	return text.String(), nil
}

func names(columns []Column) []string {
	var all []string
	for _, c := range columns {
		all = append(all, c.Name)
	}
	return all
}
