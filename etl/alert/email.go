package alert

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"stalkstats/internal/mail"
	"stalkstats/internal/stats"
)

// Email is a mail server and who gets the mail. Each address is a channel of
// its own, so that one that is refused does not keep the others from theirs.
type Email struct {
	mail.Server
	To      []string
	Marking string // protective: before the subject, and above and below the text; empty: none
}

func (e *Email) channels() ([]channel, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	var all []channel
	for _, to := range e.To {
		all = append(all, channel{mail.Place(to), func(ctx context.Context, a stats.Alert) error { return e.Send(ctx, e.letter(to, a)) }})
	}
	return all, nil
}

func (e *Email) check() error {
	faults := []error{e.Check()}
	if len(e.To) == 0 {
		faults = append(faults, errors.New("e-mail: name at least one address that gets the mail"))
	}
	for _, to := range e.To {
		if err := mail.CheckAddress(to); err != nil {
			faults = append(faults, fmt.Errorf("e-mail: %w", err))
		}
	}
	return errors.Join(faults...)
}

// letter is the mail of an alert. Its id is the alert's, so a mail that comes a
// second time can be told as the same.
func (e *Email) letter(to string, a stats.Alert) mail.Letter {
	if e.Marking != "" {
		a.Subject, a.Text = e.Marking+": "+a.Subject, e.Marking+"\n\n"+strings.TrimRight(a.Text, "\n")+"\n\n"+e.Marking+"\n"
	}
	return mail.Letter{To: to, Subject: a.Subject, Text: a.Text, At: a.RaisedAt, ID: a.ID + "." + a.RaisedAt.UTC().Format("20060102T150405")}
}
