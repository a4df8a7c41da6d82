package alert_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"log/slog"
	"math/big"
	"net"
	netmail "net/mail"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"stalkstats/etl/alert"
	"stalkstats/etl/load"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

func TestMain(m *testing.M) { os.Exit(clickhousetest.Main(m)) }

// certificate is one for a server on this machine, and the pool that trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// A mail is what the server was given.
type letter struct {
	from, to string
	tls      bool
	user     string
	*netmail.Message
	body string
}

// A mailServer is a real SMTP server on this machine.
type mailServer struct {
	sync.Mutex
	port    int
	roots   *x509.CertPool
	letters []letter
	trouble func(attempt int, c *smtp.Conn, r io.Reader) error // at the mail's data; nil: none
	refuse  map[string]bool                                    // recipients
	tries   int
	// the attempt whose mail is taken, and the connection lost before the answer
	unanswered int
	open       bool // to anybody, without TLS and password
}

const (
	user     = "stalkstats"
	password = "correct horse"
)

// newMailServer listens until the test ends; mode is how its TLS begins.
func newMailServer(t *testing.T, mode string) *mailServer {
	t.Helper()
	cert, roots := certificate(t)
	m := &mailServer{roots: roots, refuse: map[string]bool{}}
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: m, conn: c}, nil }))
	s.ErrorLog = log.New(io.Discard, "", 0)
	s.ReadTimeout, s.WriteTimeout = time.Minute, time.Minute
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.port = listener.Addr().(*net.TCPAddr).Port
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	switch mode {
	case alert.STARTTLS:
		s.TLSConfig = config
	case alert.Implicit:
		listener = tls.NewListener(listener, config)
	case alert.NoTLS:
		m.open = true
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = s.Close()
		<-done
	})
	return m
}

// email is the options to send by it.
func (m *mailServer) email(mode string) *alert.Email {
	e := &alert.Email{Host: "127.0.0.1", Port: m.port, From: "stalkstats@example.org", To: []string{"data@example.org"}, TLS: mode, RootCAs: m.roots}
	if mode != alert.NoTLS {
		e.Username, e.Password = user, password
	}
	return e
}

func (m *mailServer) subjects() []string {
	m.Lock()
	defer m.Unlock()
	var all []string
	for _, l := range m.letters {
		all = append(all, l.Header.Get("Subject"))
	}
	return all
}

type session struct {
	server   *mailServer
	conn     *smtp.Conn
	user     string
	from, to string
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, name, secret string) error {
		if name != user || secret != password {
			return smtp.ErrAuthFailed
		}
		s.user = name
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.user == "" && !s.server.open {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.server.refuse[to] {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such person: " + to}
	}
	s.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	m := s.server
	m.Lock()
	m.tries++
	try, trouble := m.tries, m.trouble
	m.Unlock()
	if trouble != nil {
		if err := trouble(try, s.conn, r); err != nil {
			return err
		}
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	message, err := netmail.ReadMessage(bytes.NewReader(text))
	if err != nil {
		return err
	}
	body, err := io.ReadAll(message.Body)
	_, isTLS := s.conn.TLSConnectionState()
	m.Lock()
	defer m.Unlock()
	m.letters = append(m.letters, letter{s.from, s.to, isTLS, s.user, message, string(body)})
	if try == m.unanswered {
		return errors.Join(s.conn.Conn().Close(), errors.New("the server ended"))
	}
	return err
}

func (*session) Reset()        {}
func (*session) Logout() error { return nil }

// bench is alerts over a real store and a clock that the test turns.
type bench struct {
	store load.Alerts
	now   time.Time
	log   bytes.Buffer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	conn := clickhousetest.Open(t)
	if _, err := schemas.Apply(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	return &bench{store: load.Alerts{Conn: conn}, now: time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)}
}

// start is a process of its own over the store.
func (b *bench) start(t *testing.T, email *alert.Email, webhook *alert.Webhook) *alert.Alerts {
	t.Helper()
	return b.over(t, b.store, email, webhook)
}

func (b *bench) over(t *testing.T, store alert.Store, email *alert.Email, webhook *alert.Webhook) *alert.Alerts {
	t.Helper()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	a, err := alert.New(alert.Options{Email: email, Webhook: webhook, Store: store, Zone: london,
		Log: slog.New(slog.NewTextHandler(&b.log, nil)), Now: func() time.Time { return b.now }})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// look looks once, some minutes after the last time.
func (b *bench) look(t *testing.T, a *alert.Alerts, standings ...alert.Standing) {
	t.Helper()
	b.now = b.now.Add(2 * time.Minute)
	if err := a.Look(t.Context(), standings); err != nil {
		t.Fatal(err)
	}
}

// waiting is the problem of every delivery that was not made.
func (b *bench) waiting(t *testing.T) []string {
	t.Helper()
	kept, err := b.store.Deliveries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, d := range kept {
		if d.SentAt.IsZero() {
			all = append(all, d.Problem)
		}
	}
	slices.Sort(all)
	return all
}

// stands is a source in a condition.
func stands(name string, c alert.Condition) alert.Standing {
	s := alert.Standing{Source: alert.Source{Name: name, Title: "the return of " + name}, Condition: c}
	if c != alert.Well {
		s.Since, s.RunID, s.Problem = time.Date(2026, 7, 1, 8, 30, 0, 0, time.UTC), "20260701T083000-0a1b2c3d", name+".csv is not there: check the name and the folder"
	}
	return s
}

var errStore = errors.New("the connection was lost")

// A lossy store is the real one, except that a call fails.
type lossy struct {
	load.Alerts
	reads, writes bool
	written       bool // it fails after the write, when nobody can know
}

func (l *lossy) Deliveries(ctx context.Context) ([]stats.Delivery, error) {
	if l.reads {
		return nil, errStore
	}
	return l.Alerts.Deliveries(ctx)
}

func (l *lossy) Record(ctx context.Context, now time.Time, d []stats.Delivery) error {
	if l.writes && !l.written {
		return errStore
	}
	if err := l.Alerts.Record(ctx, now, d); err != nil || !l.writes {
		return err
	}
	return errStore
}
