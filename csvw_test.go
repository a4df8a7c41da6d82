package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What follows reads a CSV by its CSVW description alone: nothing of it is
// shared with what writes the one or the other.

// csvwTable is a description, as far as a reader of the file needs it.
type csvwTable struct {
	URL     string `json:"url"`
	Dialect struct {
		Encoding        string   `json:"encoding"`
		Delimiter       string   `json:"delimiter"`
		QuoteChar       string   `json:"quoteChar"`
		LineTerminators []string `json:"lineTerminators"`
		DoubleQuote     bool     `json:"doubleQuote"`
		Header          bool     `json:"header"`
		HeaderRowCount  int      `json:"headerRowCount"`
		Trim            bool     `json:"trim"`
	} `json:"dialect"`
	TableSchema struct {
		Columns []csvwColumn `json:"columns"`
	} `json:"tableSchema"`
}

type csvwColumn struct {
	Name      string          `json:"name"`
	Titles    string          `json:"titles"`
	Separator string          `json:"separator"`
	Datatype  json.RawMessage `json:"datatype"`
}

// csvwRow is the values of a row by column: nil, float64, time.Time, string, or
// a list of strings where the column has a separator.
type csvwRow map[string]any

func readCSVW(description, text []byte) ([]csvwRow, error) {
	var table csvwTable
	if err := json.Unmarshal(description, &table); err != nil {
		return nil, err
	}
	records, err := table.split(string(text))
	if err != nil {
		return nil, err
	}
	if !table.Dialect.Header || len(records) < table.Dialect.HeaderRowCount {
		return nil, errors.New("there is no header")
	}
	for i, c := range table.TableSchema.Columns {
		if i >= len(records[0]) || records[0][i] != c.Titles {
			return nil, fmt.Errorf("column %d is not %q", i+1, c.Titles)
		}
	}
	var rows []csvwRow
	for n, record := range records[table.Dialect.HeaderRowCount:] {
		if len(record) != len(table.TableSchema.Columns) {
			return nil, fmt.Errorf("row %d has %d cells", n+1, len(record))
		}
		row := csvwRow{}
		for i, c := range table.TableSchema.Columns {
			if row[c.Name], err = c.value(record[i]); err != nil {
				return nil, fmt.Errorf("row %d, %s: %w", n+1, c.Name, err)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// split cuts a text into records by its dialect.
func (t csvwTable) split(text string) ([][]string, error) {
	d := t.Dialect
	if d.Encoding != "utf-8" || len(d.LineTerminators) != 1 || !d.DoubleQuote || d.Trim {
		return nil, fmt.Errorf("a dialect that this does not read: %+v", d)
	}
	end := d.LineTerminators[0]
	var records [][]string
	var record []string
	for len(text) > 0 {
		var cell strings.Builder
		if strings.HasPrefix(text, d.QuoteChar) {
			for text = text[len(d.QuoteChar):]; ; {
				at := strings.Index(text, d.QuoteChar)
				if at < 0 {
					return nil, errors.New("a quoted cell does not end")
				}
				cell.WriteString(text[:at])
				if text = text[at+len(d.QuoteChar):]; !strings.HasPrefix(text, d.QuoteChar) {
					break
				}
				cell.WriteString(d.QuoteChar)
				text = text[len(d.QuoteChar):]
			}
		} else {
			at := strings.IndexAny(text, d.Delimiter+end[:1])
			if at < 0 {
				return nil, errors.New("the last line does not end")
			}
			cell.WriteString(text[:at])
			text = text[at:]
		}
		record = append(record, cell.String())
		switch {
		case strings.HasPrefix(text, d.Delimiter):
			text = text[len(d.Delimiter):]
		case strings.HasPrefix(text, end):
			records, record, text = append(records, record), nil, text[len(end):]
		default:
			return nil, fmt.Errorf("after a cell of record %d comes %.10q", len(records)+1, text)
		}
	}
	if record != nil {
		return nil, errors.New("the last line does not end")
	}
	return records, nil
}

func (c csvwColumn) value(text string) (any, error) {
	base, format := "", ""
	if err := json.Unmarshal(c.Datatype, &base); err != nil {
		var with struct{ Base, Format string }
		if err := json.Unmarshal(c.Datatype, &with); err != nil {
			return nil, err
		}
		base, format = with.Base, with.Format
	}
	if text == "" { // the null of every column that names none
		return nil, nil
	}
	switch base {
	case "decimal":
		if !regexp.MustCompile(`^[+-]?\d+(\.\d+)?$`).MatchString(text) {
			return nil, fmt.Errorf("%q is no decimal", text)
		}
		return strconv.ParseFloat(text, 64)
	case "date":
		return time.Parse("2006-01-02", text)
	case "dateTime":
		return time.Parse(time.RFC3339, text)
	case "string":
	default:
		return nil, fmt.Errorf("a datatype that this does not know: %s", base)
	}
	if c.Separator == "" {
		return text, nil
	}
	parts := strings.Split(text, c.Separator)
	for _, part := range parts {
		if format != "" && !regexp.MustCompile("^(?:"+format+")$").MatchString(part) {
			return nil, fmt.Errorf("%q is not of the form %s", part, format)
		}
	}
	return parts, nil
}

func TestReadCSVW(t *testing.T) {
	description := []byte(`{"dialect":{"encoding":"utf-8","delimiter":",","quoteChar":"\"","doubleQuote":true,"header":true,"headerRowCount":1,"lineTerminators":["\r\n"]},
		"tableSchema":{"columns":[{"name":"a","titles":"a","datatype":"decimal"},{"name":"b","titles":"b","datatype":{"base":"string","format":"[cx]"},"separator":" "}]}}`)
	rows, err := readCSVW(description, []byte("a,b\r\n-1.5,c x\r\n,\r\n"))
	if err != nil || len(rows) != 2 || rows[0]["a"] != -1.5 || len(rows[0]["b"].([]string)) != 2 || rows[1]["a"] != nil {
		t.Errorf("%v, %v", rows, err)
	}
	for _, text := range []string{"a,b\r\n1,c", "a,c\r\n", "a,b\r\n1e3,c\r\n", "a,b\r\n1,q\r\n", "a,b\r\n1\r\n", "a,b\r\n\"1,c\r\n", "a,b\r\n\"1\"2,c\r\n", ""} {
		if rows, err := readCSVW(description, []byte(text)); err == nil {
			t.Errorf("%q is read as %v", text, rows)
		}
	}
}
