package sheet

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// dateStyles tells dates from numbers. Excel stores both as numbers: only the
// format in which a cell is shown says that 45352 is 1 March 2024.
type dateStyles struct {
	from1904 bool // days are counted from 1904, as old Macs did
	dates    []bool
}

func (d *dateStyles) is(style int) bool {
	return style >= 0 && style < len(d.dates) && d.dates[style]
}

// read finds the styles that show a date.
func (d *dateStyles) read(c *container, name string) error {
	own := map[int]bool{}
	formats := 0 // depth of cellXfs
	return c.elements(name, func(x *scanner) error {
		if x.depth() <= formats {
			formats = 0
		}
		switch x.code {
		case xlsxCellFormats:
			formats = x.depth()
		case xlsxNumberFormat:
			v, err := x.attributes(xlsxAttrFormatID, xlsxAttrFormatCode)
			if err == nil {
				own[decimal([]byte(v[0]))] = showsDate(v[1])
			}
			return err
		case xlsxFormat:
			if formats == 0 || len(d.dates) == 1<<16 {
				return nil // a spreadsheet has at most 65,490 styles
			}
			v, err := x.attribute(xlsxAttrFormatID)
			id := decimal([]byte(v))
			date, known := own[id]
			if !known {
				date = (id >= 14 && id <= 17) || id == 22
			}
			d.dates = append(d.dates, date)
			return err
		}
		return nil
	})
}

// showsDate is whether a format shows a day or a year. Text in quotes, in
// brackets (colours, languages) and after a backslash is not part of it. Times
// of day alone stay numbers.
func showsDate(format string) bool {
	for i := 0; i < len(format); i++ {
		closing := byte(0)
		switch format[i] {
		case '"':
			closing = '"'
		case '[':
			closing = ']'
		case '\\', '_', '*':
			i++
		case 'd', 'D', 'y', 'Y':
			return true
		}
		if closing != 0 {
			length := strings.IndexByte(format[i+1:], closing)
			if length < 0 {
				return false
			}
			i += length + 1
		}
	}
	return false
}

// append adds a stored number as a date, with a time of day if it has one.
// What cannot be a date stays as it is.
func (d *dateStyles) append(dst []byte, stored string) []byte {
	serial, err := strconv.ParseFloat(stored, 64)
	if err != nil || !(serial >= 1) || serial >= 2958466 { // the year 10000
		return append(dst, stored...)
	}
	days := math.Floor(serial)
	seconds := int(math.Round((serial - days) * 86400))
	day := time.Date(1899, 12, 30, 0, 0, seconds, 0, time.UTC)
	switch {
	case d.from1904:
		day = time.Date(1904, 1, 1, 0, 0, seconds, 0, time.UTC)
	case days == 60:
		return append(dst, stored...) // 29 February 1900, which never was
	case days < 60:
		day = time.Date(1899, 12, 31, 0, 0, seconds, 0, time.UTC)
	}
	layout := time.DateOnly
	if seconds != 0 {
		layout = "2006-01-02T15:04:05"
	}
	return day.AddDate(0, 0, int(days)).AppendFormat(dst, layout)
}
