package sheet_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/parse/sheet"
)

func sst(items string) part {
	return part{"xl/sharedStrings.xml", `<sst xmlns="` + ssml + `" count="99" uniqueCount="1">` + items + `</sst>`}
}

func TestXLSX(t *testing.T) {
	strict := func(s string) string {
		return strings.ReplaceAll(s, ssml, "http://purl.oclc.org/ooxml/spreadsheetml/main")
	}
	tests := []struct {
		name, rows string
		more       []part
		want       []table
	}{
		{"types and gaps", `<row r="2" spans="1:9"><c r="B2"><v>12</v></c><c r="D2" t="str"><f>A1&amp;"x"</f><v>a&amp;b</v></c><c r="E2" t="b"><v>1</v></c><c r="F2" t="b"><v>0</v></c><c r="G2" t="e"><v>#N/A</v></c><c r="H2"><v>0.10000000000000001</v></c><c r="AA2" t="d"><v>2024-03-01</v></c><c r="AB2" s="1"/></row><row r="5"><c><v>1</v></c><c><v>2</v></c></row><row><c r="C6"><v>3</v></c></row>`, nil,
			one(numbered{2, append([]string{"", "12", "", "a&b", "true", "false", "#N/A", "0.10000000000000001"}, append(make([]string, 18), "2024-03-01")...)},
				numbered{5, []string{"1", "2"}}, numbered{6, []string{"", "", "3"}})},
		{"shared and inline strings", `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" t="inlineStr"><is><r><t>in</t></r><r><t xml:space="preserve"> line</t></r></is></c><c r="E1" t="s"><v>3</v></c></row>`,
			[]part{sst(`<si><t xml:space="preserve"> N/A </t></si><si><r><rPr><b/></rPr><t>ri</t></r><r><t>ch</t></r><rPh sb="0" eb="1"><t>no</t></rPh><phoneticPr fontId="1"/></si><si><t/></si><si><t>a_x000D__x000A_b_x005F_x0041_</t></si>`)},
			one(numbered{1, []string{" N/A ", "rich", "", "in line", "a\nb_x0041_"}})},
		{"dates by their format", `<row r="1"><c r="A1" s="0"><v>45352</v></c><c r="B1" s="1"><v>45352</v></c><c r="C1" s="2"><v>45352.5</v></c><c r="D1" s="3"><v>0.5</v></c><c r="E1" s="1"><v>1</v></c><c r="F1" s="1"><v>61</v></c><c r="G1" s="4"><v>3</v></c><c r="H1" s="1"><v>9e99</v></c></row>`,
			[]part{{"xl/styles.xml", `<styleSheet xmlns="` + ssml + `"><numFmts><numFmt numFmtId="164" formatCode="[$-809]mmm\-yy;@"/><numFmt numFmtId="165" formatCode="h:mm"/><numFmt numFmtId="166" formatCode="0&quot; days&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs><cellStyles/></styleSheet>`}},
			one(numbered{1, []string{"45352", "2024-03-01", "2024-03-01T12:00:00", "0.5", "1900-01-01", "1900-03-01", "3", "9e99"}})},
		{"strict form, chart sheet left out", "", []part{
			{"xl/workbook.xml", strict(`<x:workbook xmlns:x="` + ssml + `" xmlns:q="` + rels + `"><x:sheets><x:sheet name="Chart" q:id="rId4"/><x:sheet name="S" state="hidden" q:id="rId1"/></x:sheets></x:workbook>`)},
			{"xl/worksheets/sheet1.xml", strict(`<x:worksheet xmlns:x="` + ssml + `"><x:sheetData><x:row><x:c><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>`)}},
			one(numbered{1, []string{"1"}})},
		{"no rows at all", "", nil, []table{{Name: "S"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readAll(packXLSX(t, tt.rows, tt.more...), "f.xlsx", sheet.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestXLSXFaults(t *testing.T) {
	tests := []struct {
		name, rows string
		more       []part
		want       string
	}{
		{"row numbers go back", `<row r="2"/><row r="2"/>`, nil, "f.xlsx, sheet S: the row after row 2 has an impossible number; open the file"},
		{"cell of another row", `<row r="2"><c r="A3"><v>1</v></c></row>`, nil, `sheet S, row 2, column A: a cell says that its place is "A3"`},
		{"cells go back", `<row r="2"><c r="B2"/><c r="A2"/></row>`, nil, `a cell says that its place is "A2"`},
		{"no shared string", `<row><c t="s"><v>1</v></c></row>`, []part{sst("<si><t>a</t></si>")}, "sheet S, row 1, column A: the cell refers to a shared text that is not in the file"},
		{"far column", `<row><c r="XFD1"><v>1</v></c></row>`, nil, "the row has more than 1024 columns"},
		{"long text", `<row><c t="str"><v>` + strings.Repeat("x", 40000) + `</v></c></row>`, nil, "the cell holds more than 32768 bytes"},
		{"no sheet part", "", []part{{"xl/_rels/workbook.xml.rels", `<a/>`}}, `the workbook does not say where the sheet "S" is`},
		{"missing part", "", []part{{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + relationTag("rId1", "worksheet", "gone.xml") + `</Relationships>`}}, "the part xl/gone.xml is missing"},
		{"not a worksheet", "", []part{{"xl/worksheets/sheet1.xml", "<a/>"}}, "is not a worksheet"},
		{"cut off", "", []part{{"xl/worksheets/sheet1.xml", `<worksheet xmlns="` + ssml + `"><sheetData><row>`}}, "ends in the middle"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readAll(packXLSX(t, tt.rows, tt.more...), "f.xlsx", sheet.Limits{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}
