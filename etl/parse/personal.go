package parse

import (
	"slices"

	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/personal"
	"stalkstats/internal/stats"
)

// contactColumns are those of our own layouts that say where something is
// published: whoever publishes it may be named there with an address.
var contactColumns = []string{"source"}

// contacts is what may stand there.
var contacts = []string{personal.EmailAddress, personal.Telephone, personal.Postcode}

// noPersonalText reads the rest of the book, in all its sheets, and says in
// which cell personal text stands, not what it is.
func noPersonalText(in Input, columns []string) error {
	for {
		for in.Book.Row() {
			for i, cell := range in.Book.Cells() {
				what := personal.In(cell)
				if what == "" || i < len(columns) && slices.Contains(contacts, what) && slices.Contains(contactColumns, columns[i]) {
					continue
				}
				return &sheet.Error{Kind: stats.PersonalData, File: in.File, Sheet: in.Book.Sheet(), Row: in.Book.RowNumber(), Column: i + 1,
					Problem: "this cell holds " + what, Advice: "take it out: stalkstats must not be given personal data; nothing of the file was kept"}
			}
		}
		if in.Book.Err() != nil || !in.Book.Next() {
			return in.Book.Err()
		}
	}
}
