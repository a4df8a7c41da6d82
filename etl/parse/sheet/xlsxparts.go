package sheet

import (
	"fmt"
	"path"
	"strings"
)

const (
	workbookPart = "xl/workbook.xml"
	maxSheets    = 4096
)

func newXLSX(c *container) (book, error) {
	b := &xlsxBook{parts: c}
	relations, err := c.relations()
	if err != nil {
		return nil, err
	}
	if err := b.readWorkbook(relations); err != nil {
		return nil, err
	}
	for _, rel := range relations {
		switch {
		case rel.is("sharedStrings") && c.has(rel.target):
			err = b.strings.read(c, rel.target)
		case rel.is("styles") && c.has(rel.target):
			err = b.dates.read(c, rel.target)
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

// relation says which part an id stands for.
type relation struct{ id, kind, target string }

// is compares the last word of the type; what stands before differs between
// the usual and the strict form.
func (r relation) is(kind string) bool { return strings.HasSuffix(r.kind, "/"+kind) }

// elements calls visit for every start tag of a small part.
func (c *container) elements(name string, visit func(x *scanner) error) error {
	part, err := c.open(name, smallPart)
	if err != nil {
		return err
	}
	defer part.Close()
	x := newScanner(part, name, xlsxWords, 256<<10)
	for {
		t, err := x.next()
		if err != nil || t == tokenEOF {
			return err
		}
		if t == tokenStart {
			if err := visit(x); err != nil {
				return err
			}
		}
	}
}

// attribute is the text of an attribute, or empty.
func (x *scanner) attribute(c code) (string, error) {
	for _, a := range x.attrs {
		if a.code == c {
			text, err := appendText(nil, a.value, false)
			return string(text), x.told(err)
		}
	}
	return "", nil
}

// attributes are the texts of several attributes.
func (x *scanner) attributes(codes ...code) ([]string, error) {
	texts := make([]string, len(codes))
	for i, c := range codes {
		text, err := x.attribute(c)
		if err != nil {
			return nil, err
		}
		texts[i] = text
	}
	return texts, nil
}

// relations reads which parts belong to the workbook.
func (c *container) relations() ([]relation, error) {
	var found []relation
	err := c.elements("xl/_rels/workbook.xml.rels", func(x *scanner) error {
		if x.code != xlsxRelationship {
			return nil
		}
		v, err := x.attributes(xlsxAttrID, xlsxAttrType, xlsxAttrTarget, xlsxAttrMode)
		if err != nil || v[3] == "External" {
			return err
		}
		target := strings.ReplaceAll(v[2], `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("xl", target)
		}
		found = append(found, relation{v[0], v[1], strings.TrimPrefix(path.Clean(target), "/")})
		if len(found) > 4*maxSheets {
			return fault("the file lists far more parts than a workbook has", adviceSaveAgain)
		}
		return nil
	})
	return found, err
}

// readWorkbook reads the sheets in their order. Sheets that hold a chart or a
// dialogue have no rows and are left out; hidden ones are sheets like others.
func (b *xlsxBook) readWorkbook(relations []relation) error {
	byID := map[string]relation{}
	for _, rel := range relations {
		byID[rel.id] = rel
	}
	return b.parts.elements(workbookPart, func(x *scanner) error {
		switch x.code {
		case xlsxProperties:
			v, err := x.attribute(xlsxAttrDate1904)
			b.dates.from1904 = v == "1" || v == "true"
			return err
		case xlsxSheetElement:
			return b.addSheet(x, byID)
		}
		return nil
	})
}

func (b *xlsxBook) addSheet(x *scanner, byID map[string]relation) error {
	v, err := x.attributes(xlsxAttrName, xlsxAttrRelation)
	if err != nil {
		return err
	}
	rel, ok := byID[v[1]]
	switch {
	case !ok:
		return fault(fmt.Sprintf("the workbook does not say where the sheet %q is", v[0]), adviceSaveAgain)
	case !rel.is("worksheet"):
		return nil
	case len(b.sheets) == maxSheets:
		return fault(fmt.Sprintf("the workbook has more than %d sheets", maxSheets), adviceLimit)
	}
	b.sheets = append(b.sheets, xlsxSheet{name: v[0], part: rel.target})
	return nil
}
