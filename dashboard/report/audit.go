package report

import (
	"io"
	"iter"

	"stalkstats/internal/stats"
)

// ActColumns is the columns of the audit.
var ActColumns = []Column{
	{"act", "Act", "its id: the time and a random part", "string"},
	{"at", "At", "when, in UTC", "dateTime"},
	{"user", "User", "who signed in, or the account that gave the command; empty where nobody signs in", "string"},
	{"channel", "Channel", "page; command: the command line; schedule: a saved report that was delivered", "string"},
	{"action", "Action", "what was done", "string"},
	{"about", "About", "what was acted on: the address of a form, the report and its filters, the arguments of a command", "string"},
	{"outcome", "Outcome", "done; refused: it was not allowed, or could not be done any more; failed: the program failed at it, or a download broke off", "string"},
	{"made", "Made", "the address of the page that it led to", "string"},
}

// Acts writes a row for each act.
func Acts(w io.Writer, acts iter.Seq2[stats.Act, error]) (rows int, err error) {
	return table(w, ActColumns, func(yield func([]string, error) bool) {
		for a, err := range acts {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield([]string{Text(a.ID), timestamp(a.At), Text(a.User), Text(string(a.Channel)), Text(string(a.Action)), Text(a.About), Text(string(a.Outcome)), Text(a.Made)}, nil) {
				return
			}
		}
	})
}
