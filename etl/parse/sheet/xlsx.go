package sheet

import (
	"fmt"
	"io"
	"math"
)

// xlsxBook is an Office Open XML workbook: every sheet is a part of its own,
// and the texts of all of them stand once in a list of shared strings.
type xlsxBook struct {
	parts   *container
	sheets  []xlsxSheet
	strings sharedStrings
	dates   dateStyles
	x       *scanner
	part    io.Closer
	inside  int // depth of sheetData while its rows are read
	number  int // of the last row
}

type xlsxSheet struct{ name, part string }

const (
	xlsxSheetElement code = iota + 1
	xlsxWorkbook
	xlsxProperties
	xlsxRelationship
	xlsxWorksheet
	xlsxSheetData
	xlsxRow
	xlsxCell
	xlsxValue
	xlsxInline
	xlsxText
	xlsxRun
	xlsxStringItem
	xlsxStringTable
	xlsxCellFormats
	xlsxFormat
	xlsxNumberFormat
	xlsxAttrR
	xlsxAttrT
	xlsxAttrS
	xlsxAttrName
	xlsxAttrID
	xlsxAttrRelation
	xlsxAttrType
	xlsxAttrTarget
	xlsxAttrMode
	xlsxAttrDate1904
	xlsxAttrFormatID
	xlsxAttrFormatCode
)

// xlsxWords is what of Office Open XML a table of figures is made of, in its
// two forms: the one that Excel writes, and "strict".
func xlsxWords(space, local string) code {
	switch space {
	case "":
		return xlsxAttribute(local)
	case "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main":
		return xlsxElement(local)
	case "http://schemas.openxmlformats.org/officeDocument/2006/relationships", "http://purl.oclc.org/ooxml/officeDocument/relationships":
		if local == "id" {
			return xlsxAttrRelation
		}
	case "http://schemas.openxmlformats.org/package/2006/relationships":
		if local == "Relationship" {
			return xlsxRelationship
		}
	}
	return 0
}

func xlsxElement(local string) code {
	switch local {
	case "workbook":
		return xlsxWorkbook
	case "workbookPr":
		return xlsxProperties
	case "sheet":
		return xlsxSheetElement
	case "worksheet":
		return xlsxWorksheet
	case "sheetData":
		return xlsxSheetData
	case "row":
		return xlsxRow
	case "c":
		return xlsxCell
	case "v":
		return xlsxValue
	case "is":
		return xlsxInline
	case "t":
		return xlsxText
	case "r":
		return xlsxRun
	case "si":
		return xlsxStringItem
	case "sst":
		return xlsxStringTable
	case "cellXfs":
		return xlsxCellFormats
	case "xf":
		return xlsxFormat
	case "numFmt":
		return xlsxNumberFormat
	}
	return 0
}

func xlsxAttribute(local string) code {
	switch local {
	case "r":
		return xlsxAttrR
	case "t":
		return xlsxAttrT
	case "s":
		return xlsxAttrS
	case "name":
		return xlsxAttrName
	case "Id":
		return xlsxAttrID
	case "Type":
		return xlsxAttrType
	case "Target":
		return xlsxAttrTarget
	case "TargetMode":
		return xlsxAttrMode
	case "date1904":
		return xlsxAttrDate1904
	case "numFmtId":
		return xlsxAttrFormatID
	case "formatCode":
		return xlsxAttrFormatCode
	}
	return 0
}

// close ends the sheet that is being read.
func (b *xlsxBook) close() error {
	if b.part == nil {
		return nil
	}
	part := b.part
	b.part, b.x = nil, nil
	return part.Close()
}

// next opens the part of the next sheet and goes to its rows.
func (b *xlsxBook) next() (string, bool, error) {
	if err := b.finishSheet(); err != nil {
		return "", false, err
	}
	if len(b.sheets) == 0 {
		return "", false, nil
	}
	s := b.sheets[0]
	b.sheets = b.sheets[1:]
	part, err := b.parts.open(s.part, math.MaxInt64)
	if err != nil {
		return s.name, false, err
	}
	b.part, b.number = part, 0
	b.x = newScanner(part, s.part, xlsxWords, scannerSize(b.parts.limits))
	return s.name, true, b.enter(s)
}

// enter goes to the rows of a sheet, if it has any.
func (b *xlsxBook) enter(s xlsxSheet) error {
	b.inside = 0
	for {
		t, err := b.x.next()
		switch {
		case err != nil || t == tokenEOF:
			return err
		case t != tokenStart:
		case b.x.depth() == 1:
			if b.x.code != xlsxWorksheet {
				return fault("the part "+s.part+" is not a worksheet", adviceSaveAgain)
			}
		case b.x.code == xlsxSheetData:
			b.inside = b.x.depth()
			return nil
		default:
			if err := b.x.skip(); err != nil {
				return err
			}
		}
	}
}

// finishSheet reads the part to its last byte, where its check sum is compared.
func (b *xlsxBook) finishSheet() error {
	if b.part == nil {
		return nil
	}
	for {
		t, err := b.x.next()
		if err != nil {
			return err
		}
		if t == tokenEOF {
			return b.close()
		}
	}
}

// fill reads rows until one holds something.
func (b *xlsxBook) fill(r *row) (bool, error) {
	for b.inside > 0 {
		t, err := b.x.next()
		switch {
		case err != nil:
			return false, err
		case t == tokenEnd && b.x.depth() < b.inside:
			b.inside = 0
		case t != tokenStart:
		case b.x.code == xlsxRow:
			if ok, err := b.readRow(r); ok || err != nil {
				return ok, err
			}
		default:
			if err := b.x.skip(); err != nil {
				return false, err
			}
		}
	}
	return false, b.finishSheet()
}

// readRow reads one row. Its number may be left out: then it is the next one.
func (b *xlsxBook) readRow(r *row) (bool, error) {
	number := b.number + 1
	for _, a := range b.x.attrs {
		if a.code == xlsxAttrR {
			number = decimal(a.value)
		}
	}
	if number <= b.number || number > maxSheetRow {
		return false, fault(fmt.Sprintf("the row after row %d has an impossible number", b.number), adviceSaveAgain)
	}
	b.number = number
	r.begin(number)
	for depth := b.x.depth(); ; {
		t, err := b.x.next()
		switch {
		case err != nil:
		case t == tokenEnd && b.x.depth() < depth:
			return r.finish(), nil
		case t != tokenStart:
		case b.x.code == xlsxCell:
			err = b.readCell(r)
		default:
			err = b.x.skip()
		}
		if err != nil {
			return false, r.here(err)
		}
	}
}

const maxSheetRow = 1 << 24 // a spreadsheet has 2^20

// decimal is a small number; -1 when it is none.
func decimal(digits []byte) int {
	n := 0
	for _, d := range digits {
		if d < '0' || d > '9' || n > maxSheetRow {
			return -1
		}
		n = n*10 + int(d-'0')
	}
	if len(digits) == 0 {
		return -1
	}
	return n
}
