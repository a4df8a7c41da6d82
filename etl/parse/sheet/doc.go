// Package sheet reads the rows of a table from an ODS, XLSX or CSV file as a
// stream: files of hundreds of megabytes pass through a few hundred kilobytes
// of memory. It knows nothing of what the rows mean.
//
//	book, err := sheet.Open(file, size, "prc.ods", sheet.Limits{})
//	defer book.Close()
//	for book.Next() {
//		for book.Row() {
//			use(book.Sheet(), book.RowNumber(), book.Cells())
//		}
//	}
//	return book.Err()
//
// # From bytes to cells
//
// Open looks at the first bytes, never at the name (kind.go). ODS and XLSX are
// zip archives: container.go finds their parts and counts what comes out of
// them, inflate.go unpacks in a goroutine of its own. xmlscan.go cuts the XML
// into tags and text; ods.go and xlsx.go give the tags their meaning. csv.go
// reads text. All of them fill one row (row.go), which is used again for the
// next one.
//
// # What a cell is
//
// A cell is the text that is stored, not the text that is shown: a number has
// every digit the file holds, a date is 2024-03-01 or 2024-03-01T09:30:00, a
// truth value is true or false. Padding is kept. Line ends inside a cell are
// always "\n", and beside them and tabs there is no control character: a file
// that has another is refused, since one may work on the terminal or the program
// in which somebody reads it, or with BlankControls has a space in its place. A cell that holds nothing is empty, empty cells at the end of a
// row are cut off, and a row without any content is no row: it is passed over,
// and the row numbers go on as a spreadsheet counts them.
//
// # Faults
//
// Every fault is one *Error: where it is, what is wrong, and what to do. The
// check sum of an archive is known only at its end, so rows that were already
// handed out count for nothing unless Err is nil at the end.
package sheet
