package dashboard

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"stalkstats/internal/stats"
)

const (
	longestWho  = 80 // characters
	longestWhy  = 500
	longestName = 200     // of a file
	largestForm = 8 << 10 // bytes
)

// signature is who asks for something, and why.
type signature struct{ Who, Why string }

// readForm reads the two fields of a confirmation: a name, which is always
// needed, and a reason.
func readForm(w http.ResponseWriter, r *http.Request, needsWhy bool) (signature, error) {
	var signed signature
	r.Body = http.MaxBytesReader(w, r.Body, largestForm)
	if err := r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return signed, problem{http.StatusRequestEntityTooLarge, "The form is longer than a name and a reason can be: shorten them."}
		}
		return signed, badRequest("The form cannot be read: open the page before it and send it again.")
	}
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		if name != "who" && name != "why" || len(r.PostForm[name]) > 1 {
			return signed, badRequest("The form may hold one “who” and one “why”, and not “%s”.", echoed(name))
		}
	}
	var err error
	if signed.Who, err = readWho(r.PostForm.Get("who")); err != nil {
		return signed, err
	}
	signed.Why, err = readLine(lineEnds.Replace(r.PostForm.Get("why")), "reason", longestWhy)
	if err == nil && signed.Why == "" && needsWhy {
		err = badRequest("Say why: the reason is kept with what you did.")
	}
	return signed, err
}

// lineEnds makes one line of what a box of several lines holds.
var lineEnds = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ")

func readWho(text string) (string, error) {
	who, err := readLine(text, "name", longestWho)
	if err == nil && who == "" {
		err = badRequest("Give your name: it is kept with what you did.")
	}
	return who, err
}

// readLine checks one line of text that will stand on pages for others to
// read: no character that cannot be seen or that turns the writing round.
func readLine(text, what string, longest int) (string, error) {
	if !utf8.ValidString(text) {
		return "", badRequest("The %s is not text in UTF-8.", what)
	}
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > longest {
		return "", badRequest("The %s is longer than %d characters: shorten it.", what, longest)
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
