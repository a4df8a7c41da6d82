package sheet

// Limits bound what one file may cost. A zero field has its default. They are
// far above any real table and far below what would hurt the machine.
type Limits struct {
	// MaxInflated is how many bytes all parts of an archive together may
	// unpack to. Default 4 GiB, ten times the largest Home Office table.
	MaxInflated int64
	// MaxRatio is unpacked bytes to packed bytes of one part, looked at from
	// 16 MiB on. Default 600: the Home Office tables have 25 to 40, a sheet in
	// which only a number changes from row to row comes to about 200, and
	// deflate itself cannot do more than 1032.
	MaxRatio int64
	// MaxRows is how many rows all sheets together may hand out, rows that the
	// file holds once and repeats included. Default 16,777,216.
	MaxRows int64
	// MaxColumns is the last column that may hold something. Default 1024.
	MaxColumns int
	// MaxCellBytes is the longest cell. Default 32 KiB, as in a spreadsheet.
	MaxCellBytes int
	// MaxStrings is how much memory the shared strings of an XLSX file may
	// take. Default 128 MiB.
	MaxStrings int
	// BlankControls reads a control character as a space, where else the file is
	// refused: of a table that others publish nobody here can take it out.
	BlankControls bool
}

func (l Limits) withDefaults() Limits {
	orDefault(&l.MaxInflated, 4<<30)
	orDefault(&l.MaxRatio, 600)
	orDefault(&l.MaxRows, 1<<24)
	orDefault(&l.MaxColumns, 1024)
	orDefault(&l.MaxCellBytes, 32<<10)
	orDefault(&l.MaxStrings, 128<<20)
	return l
}

func orDefault[T int | int64](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}
