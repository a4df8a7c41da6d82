package sheet_test

import (
	"errors"
	"testing"

	"stalkstats/etl/parse/sheet"
)

var fuzzLimits = sheet.Limits{MaxInflated: 1 << 24, MaxRows: 1 << 12, MaxCellBytes: 1 << 12}

// readable checks that a file of any bytes is read to its end or ends in an
// *Error with a sentence.
func readable(t *testing.T, file []byte) {
	t.Helper()
	_, err := readAll(file, "f", fuzzLimits)
	var e *sheet.Error
	if err != nil && (!errors.As(err, &e) || e.Problem == "" || e.Advice == "") {
		t.Errorf("not a sentence with advice: %#v", err)
	}
}

// FuzzODS reads the bytes as content.xml and as the whole file.
func FuzzODS(f *testing.F) {
	for _, rows := range []string{"", cell("<text:p>x<text:s text:c='2'/></text:p><!-- -->"), `<table:table-row table:number-rows-repeated="9"><table:table-cell office:value-type="float" office:value="1"/></table:table-row>`, "<![CDATA[", "<a xmlns:b='c'><b:d/></a>"} {
		f.Add([]byte(document(rows)))
		f.Add(packODS(f, document(rows)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		readable(t, b)
		readable(t, packODS(t, string(b)))
	})
}

// FuzzXLSX reads the bytes as rows of a sheet, as shared strings, as styles, as
// the list of sheets and as the whole file.
func FuzzXLSX(f *testing.F) {
	for _, rows := range []string{"", `<row r="1"><c r="A1" t="s"><v>0</v></c><c t="inlineStr"><is><t>_x000D_</t></is></c></row>`, `<si><r><t>a</t></r></si>`, `<cellXfs><xf numFmtId="14"/></cellXfs>`} {
		f.Add([]byte(rows))
		f.Add(packXLSX(f, rows))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		readable(t, b)
		readable(t, packXLSX(t, string(b), sst("<si><t>a</t></si>")))
		readable(t, packXLSX(t, `<row><c t="s"><v>0</v></c></row>`, sst(string(b))))
		readable(t, packXLSX(t, `<row><c s="0"><v>45352</v></c></row>`, part{"xl/styles.xml", `<styleSheet xmlns="` + ssml + `">` + string(b) + `</styleSheet>`}))
		readable(t, packXLSX(t, "", part{"xl/workbook.xml", string(b)}))
	})
}
