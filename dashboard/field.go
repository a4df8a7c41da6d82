package dashboard

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"stalkstats/internal/personal"
	"stalkstats/internal/stats"
)

// field is one answer of a form: what was typed, and what is wrong with it.
type field struct {
	ID, Typed, Fault string
	Longest          int
}

// readFields reads the fields as they were typed; one that the form does
// not have, or that comes twice, was not sent by it.
//
// Who has signed in is not asked for a name: whatever was sent as one, it is theirs.
func readFields(w http.ResponseWriter, r *http.Request, fields []string) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, largestFields)
	if err := r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, problem{status: http.StatusRequestEntityTooLarge, sentence: "The form is longer than its answers can be: shorten them."}
		}
		return nil, badRequest("The form cannot be read: open the page before it and send it again.")
	}
	for name, values := range r.PostForm {
		if !slices.Contains(fields, name) || len(values) > 1 {
			return nil, badRequest("The form has no second “%s”: open the page before it and send it again.", echoed(name))
		}
	}
	if id := idOf(r); id != "" && slices.Contains(fields, "who") {
		r.PostForm.Set("who", id)
	}
	return r.PostForm, nil
}

// readWords reads one answer of some lines. They become one: a page, a CSV and a
// printed plan show it alike.
func (f *field) readWords(form url.Values, what string) string {
	return f.impersonal(f.read(form, stats.OneLine(form.Get(f.ID)), what), what)
}

// readText reads one answer in one line, a name or a value.
func (f *field) readText(form url.Values, what string) string {
	return f.impersonal(f.readAs(form, what), what)
}

// impersonal is a text in which nobody's personal data may stand.
func (f *field) impersonal(text, what string) string {
	if datum := personal.In([]byte(text)); f.Fault == "" && datum != "" {
		f.Fault = fmt.Sprintf("The %s holds %s: take it out. Personal data must not be kept here.", what, datum)
	}
	return text
}

// readAs reads one answer in one line as it is: the name of who acts, which may be an
// e-mail address, or a schedule.
func (f *field) readAs(form url.Values, what string) string {
	return f.read(form, form.Get(f.ID), what)
}

func (f *field) read(form url.Values, sent, what string) string {
	f.Typed = strings.ToValidUTF8(form.Get(f.ID), "�")
	text, err := readLine(sent, what, f.Longest)
	if err != nil {
		f.Fault = err.Error()
	}
	return text
}

// readDay reads a date; an empty one is a fault where the form needs it.
func (f *field) readDay(form url.Values, missing string) time.Time {
	f.Typed = strings.TrimSpace(strings.ToValidUTF8(form.Get(f.ID), "�"))
	if f.Typed == "" {
		f.Fault = missing
		return time.Time{}
	}
	if utf8.RuneCountInString(f.Typed) > longestEcho {
		f.Typed = echoed(f.Typed)
	}
	d, err := time.Parse(time.DateOnly, f.Typed)
	if err != nil {
		f.Fault = fmt.Sprintf("“%s” is not a date: write it as 2025-03-27, the year first.", f.Typed)
	}
	return d
}
