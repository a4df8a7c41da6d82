package sheettest

import (
	"io"
	"strconv"
)

// YearCode is a financial year such as 2017/18 and an offence code such as 8Q.
type YearCode struct{ Year, Code string }

// HomeOffice is what stands in a file that HomeOfficeODS made.
type HomeOffice struct {
	ContentBytes int64              // of content.xml
	Rows         int                // of figures, headers not counted
	Sums         map[YearCode]int64 // over the forces and the quarters of the year
	ForceSums    map[YearCode]int64 // the same over the 43 territorial forces alone
}

// Years of HomeOfficeODS; the sheets have the same names with an underscore.
const (
	firstYear = 2012
	lastYear  = 2025
)

var territorial = []string{
	"Avon and Somerset", "Bedfordshire", "Cambridgeshire", "Cheshire", "Cleveland", "Cumbria", "Derbyshire",
	"Devon and Cornwall", "Dorset", "Durham", "Dyfed-Powys", "Essex", "Gloucestershire", "Greater Manchester", "Gwent",
	"Hampshire", "Hertfordshire", "Humberside", "Kent", "Lancashire", "Leicestershire", "Lincolnshire",
	"London, City of", "Merseyside", "Metropolitan Police", "Norfolk", "North Wales", "North Yorkshire",
	"Northamptonshire", "Northumbria", "Nottinghamshire", "South Wales", "South Yorkshire", "Staffordshire", "Suffolk",
	"Surrey", "Sussex", "Thames Valley", "Warwickshire", "West Mercia", "West Midlands", "West Yorkshire", "Wiltshire",
}

var others = []string{"British Transport Police", "Action Fraud", "CIFAS", "UK Finance"}

type offence struct{ description, group, subgroup, code string }

// offences always has the four of stalking and harassment and the homicide
// code, which stands four times for each force and quarter.
func offences(count int) []offence {
	const violence = "Violence against the person"
	list := []offence{
		{"Stalking", violence, "Stalking and harassment", "8Q"},
		{"Harassment", violence, "Stalking and harassment", "8L"},
		{"Malicious communications", violence, "Stalking and harassment", "8R"},
		{"Racially or religiously aggravated harassment", violence, "Stalking and harassment", "8M"},
	}
	for _, what := range []string{"Homicide", "Murder", "Manslaughter", "Corporate manslaughter"} {
		list = append(list, offence{what, violence, "Homicide", "1/4.1/4.10/4.2"})
	}
	subgroups := []string{"Violence without injury", "Non-domestic burglary", "Other theft offences", "Trafficking of drugs", "Other sexual offences"}
	groups := []string{violence, "Theft offences", "Theft offences", "Drug offences", "Sexual offences"}
	for i := len(list); i < count; i++ {
		k := i % len(groups)
		n := strconv.Itoa(i)
		list = append(list, offence{"Other notifiable offence of kind " + n + " & attempts", groups[k], subgroups[k], n + string(rune('A'+k))})
	}
	return list
}

// HomeOfficeODS writes a file like the Home Office's table of recorded crime by
// police force area: a cover sheet, notes, and a sheet for each year from
// 2012_13 to 2025_26 with its header in the first row; the newest year has two
// quarters. Its content.xml has about contentBytes; the real one, with 359 MB,
// is packed into 15. The same size gives the same file.
func HomeOfficeODS(w io.Writer, contentBytes int64) (HomeOffice, error) {
	const bytesPerOffence = 54 * 47 * 1330 // quarters, forces, a row
	out := HomeOffice{Sums: map[YearCode]int64{}, ForceSums: map[YearCode]int64{}}
	list := offences(int(contentBytes / bytesPerOffence))
	err := writeODS(w, func(content io.Writer) error {
		count := &counter{w: content}
		defer func() { out.ContentBytes = count.n + int64(len(odsStart)+len(odsEnd)) }()
		if err := writeFront(count); err != nil {
			return err
		}
		g := generator{out: &out, w: count, offences: list, state: 1}
		for year := firstYear; year <= lastYear; year++ {
			if err := g.year(year); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return c.w.Write(p)
}

func writeFront(w io.Writer) error {
	var buf []byte
	for _, s := range []struct{ name, text string }{
		{"Cover_sheet", "Police recorded crime, Police Force Area open data tables"},
		{"Notes_", "Figures are subject to revision.\nThe newest year is not complete."},
	} {
		buf = appendTableStart(buf, s.name)
		buf = append(buf, "<table:table-row>"...)
		buf = AppendODSCell(buf, s.text)
		buf = append(buf, "</table:table-row>"...)
		buf = append(buf, odsTableEnd...)
	}
	_, err := w.Write(buf)
	return err
}

type generator struct {
	out      *HomeOffice
	w        io.Writer
	offences []offence
	state    uint64
	buf      []byte
}

func (g *generator) year(year int) error {
	next := strconv.Itoa(year + 1)[2:]
	sheet, label := strconv.Itoa(year)+"_"+next, strconv.Itoa(year)+"/"+next
	g.buf = appendTableStart(g.buf[:0], sheet)
	g.buf = append(g.buf, `<table:table-row table:style-name="ro1">`...)
	for _, h := range []string{"Financial Year", "Financial Quarter", "Force Name", "Offence Description", "Offence Group", "Offence Subgroup", "Offence Code", "Number of Offences"} {
		g.buf = AppendODSCell(g.buf, h)
	}
	g.buf = append(g.buf, "</table:table-row>"...)
	quarters := 4
	if year == lastYear {
		quarters = 2
	}
	for quarter := 1; quarter <= quarters; quarter++ {
		for i, force := range append(territorial[:len(territorial):len(territorial)], others...) {
			if err := g.force(label, quarter, force, i < len(territorial)); err != nil {
				return err
			}
		}
	}
	g.buf = append(g.buf, odsTableEnd...)
	_, err := g.w.Write(g.buf)
	return err
}

// force writes the rows of one force and quarter.
func (g *generator) force(label string, quarter int, force string, isTerritorial bool) error {
	var front []byte
	front = append(front, `<table:table-row table:style-name="ro1">`...)
	front = AppendODSCell(front, label)
	front = AppendODSCell(front, quarter)
	front = AppendODSCell(front, force)
	for i, o := range g.offences {
		n := g.number(i)
		g.buf = append(g.buf, front...)
		g.buf = AppendODSCell(g.buf, o.description)
		g.buf = AppendODSCell(g.buf, o.group)
		g.buf = AppendODSCell(g.buf, o.subgroup)
		g.buf = AppendODSCell(g.buf, o.code)
		g.buf = AppendODSCell(g.buf, n)
		g.buf = append(g.buf, "</table:table-row>"...)
		g.out.Rows++
		g.out.Sums[YearCode{label, o.code}] += int64(n)
		if isTerritorial {
			g.out.ForceSums[YearCode{label, o.code}] += int64(n)
		}
	}
	_, err := g.w.Write(g.buf)
	g.buf = g.buf[:0]
	return err
}

// number is a count: mostly small, sometimes some thousands, once in a while
// -1, a correction.
func (g *generator) number(i int) int {
	g.state = g.state*6364136223846793005 + 1442695040888963407
	r := g.state >> 33
	if r%4096 == 0 {
		return -1
	}
	if i < 4 {
		return int(r % 2000)
	}
	return int(r % (1 << (r >> 24 % 12)))
}
