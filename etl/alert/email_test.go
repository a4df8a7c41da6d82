package alert_test

import (
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"stalkstats/etl/alert"
	"stalkstats/internal/mail"
	"stalkstats/internal/mail/mailtest"
)

// TestMail is one that a server took, by each way of keeping it secret.
func TestMail(t *testing.T) {
	for mode, name := range map[string]string{mail.STARTTLS: mailtest.User, mail.Implicit: mailtest.User, mail.NoTLS: ""} {
		t.Run(mode, func(t *testing.T) {
			b, server := newBench(t), mailtest.New(t, mode)
			b.look(t, b.start(t, emailBy(server, mode), nil), stands("Bedford", alert.Failed))
			if len(server.Letters) != 1 {
				t.Fatalf("%d mails, waiting %q", len(server.Letters), b.waiting(t))
			}
			l := server.Letters[0]
			if l.TLS != (mode != mail.NoTLS) || l.User != name || l.From != "stalkstats@example.org" || l.To != "data@example.org" {
				t.Errorf("tls %v, user %q, from %q, to %q", l.TLS, l.User, l.From, l.To)
			}
			for name, want := range map[string]string{
				"Subject": "stalkstats: the return of Bedford failed", "To": "<data@example.org>", "From": `"stalkstats" <stalkstats@example.org>`,
				"Auto-Submitted": "auto-generated", "Message-Id": "<Bedford-1-failed.20260701T090200@example.org>", "Content-Type": "text/plain; charset=UTF-8",
				"Date": "Wed, 01 Jul 2026 09:02:00 +0000",
			} {
				if got := l.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if text := textOf(t, l); !strings.HasPrefix(text, "the return of Bedford failed.\n\nBedford.csv is not there: check the name and the folder\n\n") {
				t.Errorf("text %q", text)
			}
		})
	}
}

// TestMarkedMail: the force's protective marking stands before the subject, and is the
// first and the last line.
func TestMarkedMail(t *testing.T) {
	b, server := newBench(t), mailtest.New(t, mail.STARTTLS)
	email := emailBy(server, mail.STARTTLS)
	email.Marking = "OFFICIAL-SENSITIVE"
	b.look(t, b.start(t, email, nil), stands("Bedford", alert.Failed))
	if len(server.Letters) != 1 {
		t.Fatalf("%d mails", len(server.Letters))
	}
	l := server.Letters[0]
	if text := textOf(t, l); l.Header.Get("Subject") != "OFFICIAL-SENSITIVE: stalkstats: the return of Bedford failed" || !strings.HasPrefix(text, "OFFICIAL-SENSITIVE\n\n") || !strings.HasSuffix(text, "\n\nOFFICIAL-SENSITIVE\n") {
		t.Errorf("subject %q, text %q", l.Header.Get("Subject"), text)
	}
}

func textOf(t *testing.T, l mailtest.Letter) string {
	t.Helper()
	if l.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
		t.Fatalf("encoding %q", l.Header.Get("Content-Transfer-Encoding"))
	}
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(l.Body)))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// TestNoHeaderGetsIn: neither a title nor a cell of a file adds a header, a
// recipient or a second body.
func TestNoHeaderGetsIn(t *testing.T) {
	b, server := newBench(t), mailtest.New(t, mail.STARTTLS)
	s := stands("Bedford", alert.Failed)
	s.Title = "Bedford\r\nBcc: everybody@example.org\r\n\r\nné"
	s.Problem = "row 3\r\n.\r\nMAIL FROM:<x@example.org>\r\n\r\nContent-Type: text/html"
	b.look(t, b.start(t, emailBy(server, mail.STARTTLS), nil), s)
	if len(server.Letters) != 1 {
		t.Fatalf("%d mails, waiting %q", len(server.Letters), b.waiting(t))
	}
	l := server.Letters[0]
	subject, err := new(mime.WordDecoder).DecodeHeader(l.Header.Get("Subject"))
	if err != nil || subject != "stalkstats: Bedford Bcc: everybody@example.org né failed" {
		t.Errorf("subject %q, %v", subject, err)
	}
	var names []string
	for name := range l.Header {
		names = append(names, name)
	}
	if l.Header.Get("Bcc") != "" || len(names) > 11 {
		t.Errorf("headers %q", names)
	}
	if text := textOf(t, l); !strings.Contains(text, "\nrow 3 . MAIL FROM:<x@example.org> Content-Type: text/html\n") {
		t.Errorf("text %q", text)
	}
}

// TestMailTrouble: each is told in a sentence and tried again, and the mail
// comes once when the trouble is over.
func TestMailTrouble(t *testing.T) {
	for name, tt := range map[string]struct {
		trouble func(int, *smtp.Conn, io.Reader) error
		says    string
	}{
		"a temporary refusal": {func(try int, _ *smtp.Conn, _ io.Reader) error {
			if try == 1 {
				return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "come back later"}
			}
			return nil
		}, "4.3.0 come back later"},
		"a connection lost in the middle of the mail": {func(try int, c *smtp.Conn, r io.Reader) error {
			if try > 1 {
				return nil
			}
			_, _ = r.Read(make([]byte, 1))
			return errors.Join(c.Conn().Close(), errors.New("the server ended"))
		}, "did not take the mail: "},
	} {
		t.Run(name, func(t *testing.T) {
			b, server := newBench(t), mailtest.New(t, mail.NoTLS)
			server.Trouble = tt.trouble
			a := b.start(t, emailBy(server, mail.NoTLS), nil)
			b.look(t, a, stands("Bedford", alert.Failed))
			if got := b.waiting(t); len(got) != 1 || !strings.Contains(got[0], tt.says) || len(server.Subjects()) != 0 {
				t.Errorf("waiting %q, mails %q", got, server.Subjects())
			}
			for range 3 {
				b.look(t, a, stands("Bedford", alert.Failed))
			}
			if got := server.Subjects(); len(got) != 1 || b.waiting(t) != nil {
				t.Errorf("mails %q, waiting %q", got, b.waiting(t))
			}
		})
	}
}

// TestTheAnswerIsLost: the server took the mail and could not say so. It comes
// again, with the same id, so that it can be told as the same.
func TestTheAnswerIsLost(t *testing.T) {
	b, server := newBench(t), mailtest.New(t, mail.NoTLS)
	server.Unanswered = 1
	a := b.start(t, emailBy(server, mail.NoTLS), nil)
	for range 3 {
		b.look(t, a, stands("Bedford", alert.Failed))
	}
	var ids []string
	for _, l := range server.Letters {
		ids = append(ids, l.Header.Get("Message-Id"))
	}
	want := "<Bedford-1-failed.20260701T090200@example.org>"
	if diff := cmp.Diff([]string{want, want}, ids); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestMailIsNotSent where it would not be secret or the server will not have it.
func TestMailIsNotSent(t *testing.T) {
	_, strangers := mailtest.Certificate(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for name, tt := range map[string]struct {
		server, mode string
		change       func(*alert.Email)
		says         string
	}{
		"certificate":          {mail.STARTTLS, mail.STARTTLS, func(e *alert.Email) { e.RootCAs = strangers }, "its certificate is not to be trusted: "},
		"certificate, at once": {mail.Implicit, mail.Implicit, func(e *alert.Email) { e.RootCAs = strangers }, "its certificate is not to be trusted: "},
		"another's name":       {mail.STARTTLS, mail.STARTTLS, func(e *alert.Email) { e.Host = "localhost" }, "its certificate is not to be trusted: "},
		"no TLS":               {mail.NoTLS, mail.STARTTLS, func(*alert.Email) {}, "STARTTLS"},
		"password":             {mail.STARTTLS, mail.STARTTLS, func(e *alert.Email) { e.Password = "wrong" }, "did not take the mail: "},
		"silence":              {mail.NoTLS, mail.NoTLS, func(e *alert.Email) { e.Port, e.Timeout = silent.Addr().(*net.TCPAddr).Port, time.Millisecond }, "i/o timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			b, server := newBench(t), mailtest.New(t, tt.server)
			email := emailBy(server, tt.mode)
			tt.change(email)
			b.look(t, b.start(t, email, nil), stands("Bedford", alert.Failed))
			got := b.waiting(t)
			if len(got) != 1 || !strings.HasPrefix(got[0], "the mail server "+email.Host+":") || !strings.Contains(got[0], tt.says) {
				t.Errorf("waiting %q, want %q", got, tt.says)
			}
			if len(server.Subjects()) != 0 || strings.Contains(b.log.String(), mailtest.Password) || strings.Contains(b.log.String(), "data@example.org") {
				t.Errorf("mails %q, log %s", server.Subjects(), b.log.String())
			}
		})
	}
}

// TestOneAddressIsRefused: the others get the mail, and its address is not
// kept with the problem.
func TestOneAddressIsRefused(t *testing.T) {
	b, server := newBench(t), mailtest.New(t, mail.STARTTLS)
	server.Refuse["left@example.org"] = true
	email := emailBy(server, mail.STARTTLS)
	email.To = []string{"left@example.org", "data@example.org", "night@example.org"}
	a := b.start(t, email, nil)
	for range 2 {
		b.look(t, a, stands("Bedford", alert.Failed))
	}
	got := map[string]int{}
	for _, l := range server.Letters {
		got[l.To]++
	}
	if diff := cmp.Diff(map[string]int{"data@example.org": 1, "night@example.org": 1}, got); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
	waiting := b.waiting(t)
	if len(waiting) != 1 || !strings.Contains(waiting[0], "no such person: the address") || strings.Contains(waiting[0]+b.log.String(), "left@") {
		t.Errorf("waiting %q", waiting)
	}
}

// TestOptions: each fault of the settings is told.
func TestOptions(t *testing.T) {
	good := alert.Email{Server: mail.Server{Host: "smtp.example.org", Port: 587, From: "a@example.org", TLS: mail.STARTTLS}, To: []string{"b@example.org"}}
	hook := alert.Webhook{URL: "https://hooks.example.org" + secret, Format: alert.Slack}
	for _, tt := range []struct {
		name  string
		email func(*alert.Email)
		hook  func(*alert.Webhook)
		says  string
	}{
		{"good", nil, nil, ""},
		{"host", func(e *alert.Email) { e.Host = "https://smtp" }, nil, `e-mail: "https://smtp" is not the name of a mail server, such as smtp.example.org`},
		{"IPv6 host", func(e *alert.Email) { e.Host = "::1" }, nil, ""},
		{"port", func(e *alert.Email) { e.Port = 0 }, nil, "e-mail: port 0 is not between 1 and 65535: 587 is usual for starttls, 465 for implicit"},
		{"tls", func(e *alert.Email) { e.TLS = "ssl" }, nil, `e-mail: tls "ssl" is none of starttls, implicit, none`},
		{"in the clear", func(e *alert.Email) { e.TLS = mail.NoTLS }, nil, "e-mail: tls none would send the mail in the clear to smtp.example.org: it is for a mail server on this machine only"},
		{"user alone", func(e *alert.Email) { e.Username = "u" }, nil, "e-mail: a user name and a password go together: one is set and the other is not"},
		{"password in the clear", func(e *alert.Email) { e.Host, e.TLS, e.Username, e.Password = "localhost", mail.NoTLS, "u", "p" }, nil, "e-mail: tls none would send the password in the clear: leave the user name out, or use starttls or implicit"},
		{"nobody", func(e *alert.Email) { e.To = nil }, nil, "e-mail: name at least one address that gets the mail"},
		{"from", func(e *alert.Email) { e.From = "a@example.org\r\nBcc: c@example.org" }, nil, `e-mail: "a@example.org\r\nBcc: c@example.org" is not a mail address, such as data@example.org`},
		{"to", func(e *alert.Email) { e.To = []string{"B <b@example.org>"} }, nil, `e-mail: "B <b@example.org>" is not a mail address, such as data@example.org`},
		{"two faults", func(e *alert.Email) { e.Port, e.To = 0, nil }, nil, "e-mail: port 0 is not between 1 and 65535: 587 is usual for starttls, 465 for implicit\ne-mail: name at least one address that gets the mail"},
		{"no address", nil, func(w *alert.Webhook) { w.URL = "" }, "webhook: the address is not one that begins with https://"},
		{"not an address", nil, func(w *alert.Webhook) { w.URL = "https://hooks.example.org/%zz" + secret }, "webhook: the address is not one that begins with https://"},
		{"clear", nil, func(w *alert.Webhook) { w.URL = "http://hooks.example.org" + secret }, "webhook: the address at hooks.example.org must begin with https://, for it holds a secret"},
		{"format", nil, func(w *alert.Webhook) { w.Format = "" }, `webhook: format "" is neither slack nor teams`},
	} {
		email, webhook := good, hook
		if tt.email != nil {
			tt.email(&email)
		}
		if tt.hook != nil {
			tt.hook(&webhook)
		}
		_, err := alert.New(alert.Options{Email: &email, Webhook: &webhook})
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tt.says {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.says)
		}
	}
}
