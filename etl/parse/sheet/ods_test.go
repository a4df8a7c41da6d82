package sheet_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/parse/sheet"
)

// one is the expected content of a file with one sheet S.
func one(rows ...numbered) []table { return []table{{Name: "S", Rows: rows}} }

func TestODS(t *testing.T) {
	const empties = `<table:table-row table:number-rows-repeated="1048575"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>`
	tests := []struct {
		name, content string
		want          []table
	}{
		{"values have every digit", document(`<table:table-row>` +
			`<table:table-cell office:value-type="float" office:value="1074.25"><text:p>1,074</text:p></table:table-cell>` +
			`<table:table-cell office:value="0.454545454545455" office:value-type='percentage'><text:p>45%</text:p></table:table-cell>` +
			`<table:table-cell office:value-type="currency" office:currency="GBP" office:value="-1"><text:p>-£1</text:p></table:table-cell>` +
			`<table:table-cell office:value-type="date" office:date-value="2024-03-01"><text:p>Mar 24</text:p></table:table-cell>` +
			`<table:table-cell office:value-type="time" office:time-value="PT12H30M00S"/>` +
			`<table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>TRUE</text:p></table:table-cell></table:table-row>`),
			one(numbered{1, []string{"1074.25", "0.454545454545455", "-1", "2024-03-01", "PT12H30M00S", "true"}})},
		{"paragraphs and spaces", document(cell(`<text:p>  Devon   <text:span>&amp;</text:span><text:s text:c="3"/>Corn<text:a>wall</text:a><text:tab/>x<text:line-break/>y </text:p><text:p/><text:p>&#163;&#xA3;</text:p>`)),
			one(numbered{1, []string{"Devon &   Cornwall\tx\ny \n\n££"}})},
		{"CDATA, comment, instruction", document(`<!-- > --><?x y?>` + cell(`<text:p>a<![CDATA[<&amp;b>]]><!-- <c> -->d</text:p>`)),
			one(numbered{1, []string{"a<&amp;b>d"}})},
		{"comments of readers and drawings are not the cell", document(cell(`<office:annotation><text:p>note</text:p></office:annotation><text:p>x<text:note><text:p>f</text:p></text:note></text:p><draw:frame><draw:text-box><text:p>d</text:p></draw:text-box></draw:frame>`)),
			one(numbered{1, []string{"x"}})},
		{"an error is not an empty cell", document(`<table:table-row><table:table-cell office:value-type="string" office:string-value=""><text:p>#DIV/0!</text:p></table:table-cell>` +
			`<table:table-cell office:value-type="string" office:string-value="a&lt;b"><text:p>a</text:p></table:table-cell></table:table-row>`),
			one(numbered{1, []string{"#DIV/0!", "a<b"}})},
		{"repeated cells and rows, row numbers go on", document(`<table:table-header-rows><table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="2"/><table:covered-table-cell office:value-type="string" table:number-columns-repeated="2"><text:p>h</text:p></table:covered-table-cell><table:table-cell table:number-columns-repeated="16380"/></table:table-row></table:table-header-rows>` +
			`<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>` +
			`<table:table-row-group><table:table-row table:visibility="filter"><table:table-cell><text:p>z</text:p></table:table-cell></table:table-row></table:table-row-group>` + empties),
			one(numbered{1, []string{"", "", "h", "h"}}, numbered{2, []string{"", "", "h", "h"}}, numbered{6, []string{"z"}})},
		{"a prefix declared in the middle", document(`<t:table-row xmlns:t="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><t:table-cell><text:p>x</text:p></t:table-cell></t:table-row><t:table-row/>`),
			one(numbered{1, []string{"x"}})},
		{"two sheets, the copy of a linked table is none", `<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:t="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><o:body><o:spreadsheet><table t:name="A &amp; B"/><dde-links><dde-link><table t:name="no"/></dde-link></dde-links><table t:name="2"><table-row><table-cell o:value-type="float" o:value="7"/></table-row></table></o:spreadsheet></o:body></o:document-content>`,
			[]table{{Name: "A & B"}, {Name: "2", Rows: []numbered{{1, []string{"7"}}}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readAll(packODS(t, tt.content), "f.ods", sheet.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestODSFaults(t *testing.T) {
	good := document(cell("<text:p>x</text:p>"))
	tests := []struct{ name, content, want string }{
		{"cut off in the middle", good[:len(good)-40], "f.ods, sheet S: the part content.xml ends in the middle, after 525 bytes; fetch the file again from where it came"},
		{"cut off in a cell", good[:strings.Index(good, "x</text")], "f.ods, sheet S, row 1, column A: the part content.xml ends in the middle, after 443 bytes; fetch the file again from where it came"},
		{"wrong end tag", document("<table:table-row></table:row>"), `sheet S, row 1, column A: the part content.xml is damaged: an end tag that is not that of "table:table-row" at byte`},
		{"no quotes", document("<table:table-row a=b>"), "an attribute without quotes"},
		{"entity", document(cell("<text:p>&nbsp;</text:p>")), "a reference (&…;) that XML does not know"},
		{"zero character", document(cell("<text:p>&#0;</text:p>")), "a reference (&…;) that XML does not know"},
		{"control character", document(cell("<text:p>\x01</text:p>")), "a character that may not stand in XML"},
		{"not UTF-8", document(cell("<text:p>\xa3</text:p>")), "bytes that are not UTF-8"},
		{"repetitions", document(`<table:table-row table:number-rows-repeated="-1"/>`), "an impossible number of repetitions"},
		{"huge repetitions", document(`<table:table-row table:number-rows-repeated="99999999999999999999"/>`), "an impossible number of repetitions"},
		{"full row repeated over all columns", document(`<table:table-row><table:table-cell table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell></table:table-row>`), "row 1, column A: the row has more than 1024 columns"},
		{"long cell", document(cell("<text:p>" + strings.Repeat("x", 40000) + "</text:p>")), "the cell holds more than 32768 bytes of text"},
		{"very long text", document(cell("<text:p>" + strings.Repeat("x", 400000) + "</text:p>")), "the cell holds more than 32768 bytes of text"},
		{"many spaces", document(cell(`<text:p><text:s text:c="1000000"/></text:p>`)), "the cell holds 1000000 spaces in a row"},
		{"long tag", document(`<table:table-row a="` + strings.Repeat("x", 400000) + `"/>`), "a tag of more than 262144 bytes"},
		{"table in a cell", document(cell(`<table:table/>`)), "row 1, column A: a table stands inside the cell"},
		{"encoding", strings.Replace(good, "UTF-8", "ISO-8859-1", 1), "is written in ISO-8859-1 instead of UTF-8"},
		{"UTF-16", "\xff\xfe<\x00", "is written in UTF-16 instead of UTF-8"},
		{"empty content", "", "ends in the middle, after 0 bytes"},
		{"no spreadsheet", `<a/>`, "content.xml has no spreadsheet in it"},
		{"own entities", `<!DOCTYPE a [<!ENTITY b "c">]><a/>`, "a document type with definitions of its own"},
		{"deep", strings.Repeat("<a>", 300), "nested more than 256 deep"},
		{"two roots", good + "<a/>", "a second root element"},
		{"text after the end", good + "x", "text outside of all elements"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readAll(packODS(t, tt.content), "f.ods", sheet.Limits{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}
