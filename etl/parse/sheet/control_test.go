package sheet_test

import (
	"fmt"
	"strings"
	"testing"

	"stalkstats/etl/parse/sheet"
)

// TestControlCharacters: a cell of no kind of file holds one, however it is written:
// one may work on the terminal or in the program in which the figures are read.
func TestControlCharacters(t *testing.T) {
	cell := func(kind, text string) []byte {
		switch kind {
		case "plain CSV":
			return []byte("n\n1," + text + "\n")
		case "quoted CSV":
			return []byte("n\n1,\"" + text + "\"\n")
		case "UTF-16":
			return []byte(wide("n\n1,"+text+"\n", true))
		case "ODS":
			return packODS(t, document(`<table:table-row><table:table-cell><text:p>n</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell><text:p>1</text:p></table:table-cell><table:table-cell><text:p>`+text+`</text:p></table:table-cell></table:table-row>`))
		}
		return packXLSX(t, `<row r="1"><c r="A1" t="str"><v>n</v></c></row><row r="2"><c r="A2" t="str"><v>1</v></c><c r="B2" t="s"><v>0</v></c></row>`,
			sst(`<si><t>`+text+`</t></si>`))
	}
	kinds := []string{"plain CSV", "quoted CSV", "UTF-16", "ODS", "XLSX"}
	for c := rune(1); c <= 0xa0; c++ {
		if c > '~' && c < del || c >= ' ' && c <= '~' {
			continue
		}
		for _, kind := range kinds {
			text := "a" + string(c) + "b"
			if c < ' ' && kind == "XLSX" {
				text = fmt.Sprintf("a_x%04X_b", c)
			} else if c < ' ' && kind == "ODS" {
				continue // XML has no way to write it
			}
			_, err := readAll(cell(kind, text), "f", sheet.Limits{})
			if strings.ContainsRune("\t\n\r\u00a0", c) {
				if err != nil {
					t.Errorf("%s: U+%04X: %v", kind, c, err)
				}
				continue
			}
			want := fmt.Sprintf("row 2, column B: the cell holds U+%04X, a control character, which nobody can see; take the character out", c)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: U+%04X: error %v, want one with %q", kind, c, err, want)
			}
		}
	}
}

// TestBlankControls: a table that nobody here can mend has spaces for them, and all else as
// it is, also where one is cut off in the middle.
func TestBlankControls(t *testing.T) {
	for text, want := range map[string]string{
		"a\x01b": "a b", "1\u0096 2\u009b": "1  2 ", "\x7f": " ", "é\u0085€\x1b[2J": "é € [2J", "tab\tstays": "tab\tstays", "a\u00a0b": "a\u00a0b",
	} {
		tables, err := readAll([]byte("n,w\n1,\""+text+"\"\n"), "f", sheet.Limits{BlankControls: true})
		if err != nil || len(tables) != 1 || tables[0].Rows[1].Cells[1] != want {
			t.Errorf("%q: %+v, error %v, want %q", text, tables, err, want)
		}
	}
}

const del = 0x7f

// TestControlCharacterInASheetName: the name is told with every figure of the sheet.
func TestControlCharacterInASheetName(t *testing.T) {
	book := packXLSX(t, "", part{"xl/workbook.xml", `<workbook xmlns="` + ssml + `" xmlns:r="` + rels + `"><sheets><sheet name="2024&#x9b;2J" r:id="rId1"/></sheets></workbook>`})
	_, err := readAll(book, "f.xlsx", sheet.Limits{})
	if want := "f.xlsx: the name of a sheet holds U+009B, a control character, which nobody can see; give the sheet another name"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}
