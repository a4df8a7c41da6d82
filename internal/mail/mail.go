// Package mail hands letters to a mail server: alerts, and reports that are
// mailed.
package mail

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"stalkstats/internal/config"
)

// How a connection to the mail server is kept secret.
const (
	STARTTLS = "starttls" // begun in the clear and refused where TLS does not follow
	Implicit = "implicit" // TLS from the first byte
	NoTLS    = "none"     // only to a server on this machine
)

// A Server is a mail server, and whom mail comes from.
type Server struct {
	Host     string
	Port     int
	Username string // empty: the server asks for none
	Password string // from the environment, never from a file
	From     string
	TLS      string        // STARTTLS, Implicit or NoTLS
	Timeout  time.Duration // for one mail; 0: 20 seconds

	// RootCAs are the authorities to trust; nil: those of this machine.
	RootCAs *x509.CertPool
}

// Configured is the server of the configuration.
func Configured(c config.Email) Server {
	return Server{Host: c.Host, Port: c.Port, Username: c.Username, Password: c.Password, From: c.From, TLS: c.TLS}
}

// A Letter is one mail to one address.
type Letter struct {
	To, Subject, Text string
	// HTML says the same as Text, for who sees it; empty: the letter has only text.
	HTML     string
	Pictures []Picture // that HTML shows
	At       time.Time
	// ID names the letter: one that comes a second time has the same, and can be
	// told as the same.
	ID       string
	Attached *Attachment // nil: nothing
}

// NoDomain is the domain of what is from nobody: of every picture, whose name has the
// form of an address, and of a letter that is written to a file.
const NoDomain = "@stalkstats.invalid"

// A Picture is a PNG that comes with a letter and stands in its HTML, as cid: and
// its ID.
type Picture struct {
	ID  string // such as chart-1 and NoDomain: by it the HTML names the picture (RFC 2392)
	PNG []byte
}

// An Attachment is a file that comes with a letter.
type Attachment struct {
	Name, Kind string
	Path       string // where it is read from
}

// Check says every fault of the settings, one on a line.
func (s Server) Check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf("e-mail: "+format, args...)) }
	if s.Host == "" || strings.ContainsAny(s.Host, " \t\r\n/:@") && !config.Loopback(s.Host) {
		fault("%q is not the name of a mail server, such as smtp.example.org", s.Host)
	}
	if s.Port < 1 || s.Port > 65535 {
		fault("port %d is not between 1 and 65535: 587 is usual for starttls, 465 for implicit", s.Port)
	}
	if !slices.Contains([]string{STARTTLS, Implicit, NoTLS}, s.TLS) {
		fault("tls %q is none of starttls, implicit, none", s.TLS)
	}
	if s.TLS == NoTLS && s.Host != "" && !config.Loopback(s.Host) {
		fault("tls none would send the mail in the clear to %s: it is for a mail server on this machine only", s.Host)
	}
	if s.TLS == NoTLS && s.Username != "" {
		fault("tls none would send the password in the clear: leave the user name out, or use starttls or implicit")
	}
	if (s.Username == "") != (s.Password == "") {
		fault("a user name and a password go together: one is set and the other is not")
	}
	if err := CheckAddress(s.From); err != nil {
		fault("%w", err)
	}
	return errors.Join(faults...)
}

// CheckAddress says what is wrong with the address of a person.
func CheckAddress(address string) error {
	if parsed, err := netmail.ParseAddress(address); err != nil || parsed.Address != address {
		return fmt.Errorf("%q is not a mail address, such as data@example.org", address)
	}
	return nil
}

// Send hands one letter to the server. Its error is one sentence without a
// secret or the address of the person whom it was for.
func (s Server) Send(ctx context.Context, l Letter) error {
	message, err := s.message(l)
	if err != nil {
		return s.sentence(l.To, err)
	}
	client, err := mail.NewClient(s.Host, s.options()...)
	if err != nil {
		return s.sentence(l.To, err)
	}
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return s.sentence(l.To, err)
	}
	err = client.SendWithSMTPClient(connection, message)
	// The server has taken the mail or has not: how it parts is of no interest.
	_ = client.CloseWithSMTPClient(connection)
	if err != nil && !message.IsDelivered() {
		return s.sentence(l.To, err)
	}
	return nil
}

func (s Server) options() []mail.Option {
	options := []mail.Option{
		mail.WithPort(s.Port),
		mail.WithTimeout(cmp.Or(s.Timeout, 20*time.Second)),
		mail.WithTLSConfig(&tls.Config{ServerName: s.Host, RootCAs: s.RootCAs, MinVersion: tls.VersionTLS12}),
	}
	switch s.TLS {
	case Implicit:
		options = append(options, mail.WithSSL())
	case NoTLS:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.Username != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.Username), mail.WithPassword(s.Password))
	}
	return options
}

func (s Server) message(l Letter) (*mail.Msg, error) {
	m, err := l.message(s.From[strings.LastIndexByte(s.From, '@'):])
	if err != nil {
		return nil, err
	}
	if err := m.FromFormat("stalkstats", s.From); err != nil {
		return nil, err
	}
	return m, m.To(l.To)
}

// message is the letter without who sends it to whom. Domain follows its ID.
func (l Letter) message(domain string) (*mail.Msg, error) {
	m := mail.NewMsg()
	m.Subject(l.Subject)
	m.SetDateWithValue(l.At)
	m.SetMessageIDWithValue(l.ID + domain)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // nobody's absence note comes back
	m.SetBodyString(mail.TypeTextPlain, l.Text)
	if l.HTML != "" {
		m.AddAlternativeString(mail.TypeTextHTML, l.HTML)
	}
	for _, p := range l.Pictures {
		if err := m.EmbedReader(strings.TrimSuffix(p.ID, NoDomain)+".png", bytes.NewReader(p.PNG), mail.WithFileContentType("image/png"), mail.WithFileContentID("<"+p.ID+">")); err != nil {
			return nil, err
		}
	}
	if a := l.Attached; a != nil {
		m.AttachFile(a.Path, mail.WithFileName(a.Name), mail.WithFileContentType(mail.ContentType(a.Kind)))
	}
	return m, nil
}

// Write writes the letter as a mail program opens it from a file (.eml): as it would
// be sent, but from nobody to nobody.
func (l Letter) Write(w io.Writer) error {
	m, err := l.message(NoDomain)
	if err == nil {
		_, err = m.WriteTo(w)
	}
	if err != nil {
		return fmt.Errorf("write the mail: %w", err)
	}
	return nil
}

const maxSentence = 300 // characters of why a mail was not taken

// sentence is why the server did not take the mail, without the address of
// the person whom it was for.
func (s Server) sentence(to string, err error) error {
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
	return errors.New(OneLine(fmt.Sprintf("the mail server %s:%d did not take the mail: %s", s.Host, s.Port, why), maxSentence))
}
