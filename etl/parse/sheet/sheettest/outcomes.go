package sheettest

import (
	"archive/zip"
	"compress/flate"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
)

// OutcomeKey is a force, a quarter from 1 to 4 and an outcome type such as 16.
type OutcomeKey struct {
	Force   string
	Quarter int
	Type    string
}

// Outcomes is what stands in a file that OutcomesXLSX made.
type Outcomes struct {
	Part       string // of the data sheet, such as xl/worksheets/sheet4.xml
	SheetBytes int64  // of that part
	Rows       int    // of figures, the header not counted
	// Stalking is the counts of code 8Q: for offences recorded, and for
	// investigations closed in the quarter.
	Stalking map[OutcomeKey][2]int
}

// OutcomesYear is the year of the figures that OutcomesXLSX makes.
const OutcomesYear = "2021/22"

// OutcomesHeader is the header of the Home Office's table of outcomes.
var OutcomesHeader = []string{"Financial Year", "Financial Quarter", "Force Name", "Offence Code", "Offence Description",
	"Offence Group", "Offence Subgroup", "Offence code expired", "Outcome Type", "Outcome Description", "Outcome Group",
	"Outcomes for offences that were recorded in the quarter", "Outcomes for investigations closed in the quarter"}

// outcomeTypes are those of a year; 0 is an offence without an outcome yet.
var outcomeTypes = []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "20", "21", "22"}

// OutcomesXLSX writes a file like the Home Office's table of outcomes: a cover
// sheet, notes, an empty pivot table, and a sheet with a row for each quarter,
// force, offence code and outcome type, about as many as asked for. Texts are
// shared. With plain it is written as openpyxl does it, else as Excel does.
// The same arguments give the same file.
func OutcomesXLSX(w io.Writer, rows int, plain bool) (Outcomes, error) {
	out := Outcomes{Part: "xl/worksheets/sheet4.xml", Stalking: map[OutcomeKey][2]int{}}
	archive := zip.NewWriter(w)
	archive.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestSpeed)
	})
	g := outcomeGenerator{out: &out, plain: plain, shared: map[string]int{}, state: 1}
	part := func(name string, write func(io.Writer) error) error {
		p, err := archive.Create(name)
		if err != nil {
			return err
		}
		return write(p)
	}
	text := func(name, content string) error {
		return part(name, func(p io.Writer) error { _, err := io.WriteString(p, xmlStart+content); return err })
	}
	parts := outcomesParts()
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		if err := text(name, parts[name]); err != nil {
			return out, err
		}
	}
	if err := part(out.Part, func(p io.Writer) error { return g.sheet(p, rows) }); err != nil {
		return out, err
	}
	if err := text("xl/sharedStrings.xml", g.strings()); err != nil {
		return out, err
	}
	return out, archive.Close()
}

const (
	xmlStart  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainSpace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relSpace  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
)

// outcomesParts are the small parts: everything but the data and its texts.
func outcomesParts() map[string]string {
	names := []string{"Cover_sheet", "Notes", "Pivot", "Outcomes_open_data_2021_22"}
	parts := map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
		"xl/styles.xml":       `<styleSheet xmlns="` + mainSpace + `"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="0"/></cellXfs></styleSheet>`,
	}
	var sheets, relations string
	for i, name := range names {
		n := strconv.Itoa(i + 1)
		sheets += `<sheet name="` + name + `" sheetId="` + n + `" r:id="rId` + n + `"/>`
		relations += `<Relationship Id="rId` + n + `" Type="` + relSpace + `/worksheet" Target="worksheets/sheet` + n + `.xml"/>`
		if i < 3 {
			parts["xl/worksheets/sheet"+n+".xml"] = `<worksheet xmlns="` + mainSpace + `"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>` + name + `</t></is></c></row></sheetData></worksheet>`
		}
	}
	for i, kind := range []string{"sharedStrings", "styles"} {
		relations += fmt.Sprintf(`<Relationship Id="rId%d" Type="%s/%s" Target="%s.xml"/>`, len(names)+1+i, relSpace, kind, kind)
	}
	parts["xl/workbook.xml"] = `<workbook xmlns="` + mainSpace + `" xmlns:r="` + relSpace + `"><sheets>` + sheets + `</sheets></workbook>`
	parts["xl/_rels/workbook.xml.rels"] = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + relations + `</Relationships>`
	return parts
}

type outcomeGenerator struct {
	out    *Outcomes
	plain  bool
	shared map[string]int
	texts  []string
	state  uint64
	row    int
	column byte
	buf    []byte
}

func (g *outcomeGenerator) sheet(to io.Writer, rows int) error {
	w := &counter{w: to}
	defer func() { g.out.SheetBytes = w.n }()
	g.buf = append(g.buf, xmlStart+`<worksheet xmlns="`+mainSpace+`" xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"><sheetData>`...)
	g.start()
	for _, name := range OutcomesHeader {
		g.text(name)
	}
	g.end()
	forces := append(territorial[:len(territorial):len(territorial)], others[0])
	list := offences(rows / (4 * len(forces) * len(outcomeTypes)))
	for quarter := 1; quarter <= 4; quarter++ {
		for _, force := range forces {
			for _, o := range list {
				for i := range outcomeTypes {
					g.figure(quarter, force, o, i)
				}
			}
			if _, err := w.Write(g.buf); err != nil {
				return err
			}
			g.buf = g.buf[:0]
		}
	}
	_, err := io.WriteString(w, `</sheetData></worksheet>`)
	return err
}

func (g *outcomeGenerator) figure(quarter int, force string, o offence, i int) {
	counts := [2]int{g.number(), g.number()}
	g.start()
	g.text(OutcomesYear)
	g.numeral(quarter)
	for _, cell := range []string{force, o.code, o.description, o.group, o.subgroup} {
		g.text(cell)
	}
	g.column++ // the code has not expired
	g.text(outcomeTypes[i])
	g.text("Outcome of type " + outcomeTypes[i])
	g.text("Group of type " + outcomeTypes[i])
	g.numeral(counts[0])
	g.numeral(counts[1])
	g.end()
	g.out.Rows++
	if o.code == "8Q" {
		g.out.Stalking[OutcomeKey{force, quarter, outcomeTypes[i]}] = counts
	}
}

// number is mostly small, and -1 once in a while.
func (g *outcomeGenerator) number() int {
	g.state = g.state*6364136223846793005 + 1442695040888963407
	r := g.state >> 33
	if r%4096 == 0 {
		return -1
	}
	return int(r % (1 << (r >> 24 % 10)))
}

func (g *outcomeGenerator) start() {
	g.row++
	g.column = 'A'
	g.buf = append(g.buf, `<row r="`...)
	g.buf = strconv.AppendInt(g.buf, int64(g.row), 10)
	if !g.plain {
		g.buf = append(g.buf, `" spans="1:13" x14ac:dyDescent="0.35`...)
	}
	g.buf = append(g.buf, `">`...)
}

func (g *outcomeGenerator) end() { g.buf = append(g.buf, `</row>`...) }

func (g *outcomeGenerator) text(text string) {
	index, ok := g.shared[text]
	if !ok {
		index = len(g.texts)
		g.shared[text] = index
		g.texts = append(g.texts, text)
	}
	g.cell(`t="s"`, index)
}

func (g *outcomeGenerator) numeral(n int) {
	if g.plain {
		g.cell(`t="n"`, n)
		return
	}
	g.cell(`s="1"`, n)
}

func (g *outcomeGenerator) cell(attribute string, n int) {
	g.buf = append(g.buf, `<c r="`...)
	g.buf = append(g.buf, g.column)
	g.buf = strconv.AppendInt(g.buf, int64(g.row), 10)
	g.buf = append(g.buf, `" `...)
	g.buf = append(g.buf, attribute...)
	g.buf = append(g.buf, `><v>`...)
	g.buf = strconv.AppendInt(g.buf, int64(n), 10)
	g.buf = append(g.buf, `</v></c>`...)
	g.column++
}

func (g *outcomeGenerator) strings() string {
	var all []byte
	for _, text := range g.texts {
		all = append(all, "<si><t>"+escape.Replace(text)+"</t></si>"...)
	}
	return fmt.Sprintf(`<sst xmlns="%s" count="%d" uniqueCount="%d">%s</sst>`, mainSpace, len(g.texts), len(g.texts), all)
}
