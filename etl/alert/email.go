package alert

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	netmail "net/mail"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// How a connection to the mail server is kept secret.
const (
	STARTTLS = "starttls" // begun in the clear and refused where TLS does not follow
	Implicit = "implicit" // TLS from the first byte
	NoTLS    = "none"     // only to a server on this machine
)

// Email is a mail server and who gets the mail. Each address is a channel of
// its own, so that one that is refused does not keep the others from theirs.
type Email struct {
	Host     string
	Port     int
	Username string // empty: the server asks for none
	Password string // from the environment, never from a file
	From     string
	To       []string
	TLS      string        // STARTTLS, Implicit or NoTLS
	Timeout  time.Duration // for one mail; 0: 20 seconds

	// RootCAs are the authorities to trust; nil: those of this machine.
	RootCAs *x509.CertPool
}

func (e *Email) channels() ([]channel, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	var all []channel
	for _, to := range e.To {
		sum := sha256.Sum256([]byte(strings.ToLower(to)))
		all = append(all, channel{"email-" + hex.EncodeToString(sum[:4]), func(ctx context.Context, a stats.Alert) error { return e.send(ctx, to, a) }})
	}
	return all, nil
}

func (e *Email) check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf("e-mail: "+format, args...)) }
	if e.Host == "" || strings.ContainsAny(e.Host, " \t\r\n/:@") && !config.Loopback(e.Host) {
		fault("%q is not the name of a mail server, such as smtp.example.org", e.Host)
	}
	if e.Port < 1 || e.Port > 65535 {
		fault("port %d is not between 1 and 65535: 587 is usual for starttls, 465 for implicit", e.Port)
	}
	if !slices.Contains([]string{STARTTLS, Implicit, NoTLS}, e.TLS) {
		fault("tls %q is none of starttls, implicit, none", e.TLS)
	}
	if e.TLS == NoTLS && e.Host != "" && !config.Loopback(e.Host) {
		fault("tls none would send the mail in the clear to %s: it is for a mail server on this machine only", e.Host)
	}
	if e.TLS == NoTLS && e.Username != "" {
		fault("tls none would send the password in the clear: leave the user name out, or use starttls or implicit")
	}
	if (e.Username == "") != (e.Password == "") {
		fault("a user name and a password go together: one is set and the other is not")
	}
	if len(e.To) == 0 {
		fault("name at least one address that gets the mail")
	}
	for _, address := range append([]string{e.From}, e.To...) {
		if parsed, err := netmail.ParseAddress(address); err != nil || parsed.Address != address {
			fault("%q is not a mail address, such as data@example.org", address)
		}
	}
	return errors.Join(faults...)
}

// send hands one mail to the server.
func (e *Email) send(ctx context.Context, to string, a stats.Alert) error {
	message, err := e.message(to, a)
	if err != nil {
		return e.sentence(to, err)
	}
	client, err := mail.NewClient(e.Host, e.options()...)
	if err != nil {
		return e.sentence(to, err)
	}
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return e.sentence(to, err)
	}
	err = client.SendWithSMTPClient(connection, message)
	// The server has taken the mail or has not: how it parts is of no interest.
	_ = client.CloseWithSMTPClient(connection)
	if err != nil && !message.IsDelivered() {
		return e.sentence(to, err)
	}
	return nil
}

func (e *Email) options() []mail.Option {
	options := []mail.Option{
		mail.WithPort(e.Port),
		mail.WithTimeout(cmp.Or(e.Timeout, 20*time.Second)),
		mail.WithTLSConfig(&tls.Config{ServerName: e.Host, RootCAs: e.RootCAs, MinVersion: tls.VersionTLS12}),
	}
	switch e.TLS {
	case Implicit:
		options = append(options, mail.WithSSL())
	case NoTLS:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if e.Username != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(e.Username), mail.WithPassword(e.Password))
	}
	return options
}

// message is the mail. Its id is the alert's, so a mail that comes a second
// time can be told as the same.
func (e *Email) message(to string, a stats.Alert) (*mail.Msg, error) {
	m := mail.NewMsg()
	if err := m.FromFormat("stalkstats", e.From); err != nil {
		return nil, err
	}
	if err := m.To(to); err != nil {
		return nil, err
	}
	m.Subject(a.Subject)
	m.SetDateWithValue(a.RaisedAt)
	m.SetMessageIDWithValue(a.ID + "." + a.RaisedAt.UTC().Format("20060102T150405") + e.From[strings.LastIndexByte(e.From, '@'):])
	m.SetGenHeader("Auto-Submitted", "auto-generated") // nobody's absence note comes back
	m.SetBodyString(mail.TypeTextPlain, a.Text)
	return m, nil
}

// sentence is why the server did not take the mail, without the address of
// the person whom it was for.
func (e *Email) sentence(to string, err error) error {
	why := err.Error()
	var refusal *mail.SendError
	if errors.As(err, &refusal) {
		why, _, _ = strings.Cut(why, ", affected ")
	}
	why = strings.ReplaceAll(why, to, "the address")
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	if errors.As(err, &authority) || errors.As(err, &name) {
		why = "its certificate is not to be trusted: " + why
	}
	return errors.New(oneLine(fmt.Sprintf("the mail server %s:%d did not take the mail: %s", e.Host, e.Port, why), maxSentence))
}
