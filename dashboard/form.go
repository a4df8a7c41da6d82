package dashboard

import (
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"stalkstats/internal/stats"
)

const (
	longestWho  = 80 // characters
	longestWhy  = 500
	longestName = 200     // of a file
	largestForm = 8 << 10 // bytes of one answer
)

// signature is who asks for something, and why.
type signature struct{ Who, Why string }

// read checks the two answers of a confirmation, so that all that must be
// mended is told at once. What was typed stays in the form.
func (page *confirmPage) read(form url.Values) signature {
	var signed signature
	signed.Who = page.Who.readAs(form, "name")
	if page.Who.Fault == "" && signed.Who == "" {
		page.Who.Fault = noName
	}
	signed.Why = page.Why.readWords(form, "reason")
	if page.Why.Fault == "" && signed.Why == "" && page.NeedsWhy {
		page.Why.Fault = "Say why: the reason is kept with what you did."
	}
	for _, f := range []field{page.Who, page.Why} {
		if f.Fault != "" {
			page.Faults = append(page.Faults, f)
		}
	}
	return signed
}

const noName = "Give your name: it is kept with what you did."

func readWho(text string) (string, error) {
	who, err := readLine(text, "name", longestWho)
	if err == nil && who == "" {
		err = badRequest(noName)
	}
	return who, err
}

// readLine checks one line of text that will stand on pages for others to
// read: no line end or tab, as in the cells of the files that are loaded, no other
// character that cannot be seen, and none that turns the writing round.
func readLine(text, what string, longest int) (string, error) {
	if !utf8.ValidString(text) {
		return "", badRequest("The %s is not text in UTF-8.", what)
	}
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > longest {
		return "", badRequest("The %s is longer than %d characters: shorten it.", what, longest)
	}
	if !stats.IsOneLine(text) {
		return "", badRequest("The %s holds a line end or a tab: write it in one line.", what)
	}
	if strings.ContainsFunc(text, func(c rune) bool { return unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) }) {
		return "", badRequest("The %s holds a character that cannot be shown: type it again.", what)
	}
	return text, nil
}

// conflict says that what is asked for cannot be done any more.
func conflict(format string, args ...any) error {
	err := badRequest(format, args...).(problem)
	err.status = http.StatusConflict
	return err
}

// replayable says why the file of a run cannot be read again; nil where it can.
func replayable(run stats.Run, source Source) error {
	switch {
	case source.Name == "":
		return conflict("The source of this run is no longer in the configuration.")
	case source.RecordLevel:
		return conflict("The file of this run was not kept, because it holds records about people: give it again on the command line, stalkstats etl run SOURCE --file FILE.")
	case run.Kind == stats.Withdrawal:
		return conflict("This run withdrew a release and read no file.")
	case run.Kind == stats.CheckRun && run.Outcome != stats.Checked:
		return conflict("This run checked a file and did not find it in order: send the mended file.")
	case run.Outcome == stats.Running:
		return conflict("This run has not ended yet.")
	case run.SHA256 == "":
		return conflict("This run came by no file that could be read again.")
	}
	return nil
}
