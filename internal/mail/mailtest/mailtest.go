// Package mailtest gives tests a real mail server on this machine.
package mailtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	netmail "net/mail"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"stalkstats/internal/mail"
)

// Certificate is one for a server on this machine, and the pool that trusts it.
func Certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
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

// A Letter is what the server was given.
type Letter struct {
	From, To string
	TLS      bool
	User     string
	*netmail.Message
	Body string
}

// A Server is a real SMTP server on this machine.
type Server struct {
	sync.Mutex
	port    int
	roots   *x509.CertPool
	Letters []Letter
	// Trouble comes at the mail's data; nil: none.
	Trouble func(attempt int, c *smtp.Conn, r io.Reader) error
	Refuse  map[string]bool // recipients
	tries   int
	// Unanswered is the attempt whose mail is taken, and the connection lost
	// before the answer.
	Unanswered int
	open       bool // to anybody, without TLS and password
}

// Who may send by a server that is not open.
const (
	User     = "stalkstats"
	Password = "correct horse"
)

// New listens until the test ends; mode is how its TLS begins.
func New(t testing.TB, mode string) *Server {
	t.Helper()
	cert, roots := Certificate(t)
	m := &Server{roots: roots, Refuse: map[string]bool{}}
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
	case mail.STARTTLS:
		s.TLSConfig = config
	case mail.Implicit:
		listener = tls.NewListener(listener, config)
	case mail.NoTLS:
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

// Settings are those to send by it.
func (m *Server) Settings(mode string) mail.Server {
	s := mail.Server{Host: "127.0.0.1", Port: m.port, From: "stalkstats@example.org", TLS: mode, RootCAs: m.roots}
	if mode != mail.NoTLS {
		s.Username, s.Password = User, Password
	}
	return s
}

// Subjects are those of the mails that it has taken.
func (m *Server) Subjects() []string {
	m.Lock()
	defer m.Unlock()
	var all []string
	for _, l := range m.Letters {
		all = append(all, l.Header.Get("Subject"))
	}
	return all
}

type session struct {
	server   *Server
	conn     *smtp.Conn
	user     string
	from, to string
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, name, secret string) error {
		if name != User || secret != Password {
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
	if s.server.Refuse[to] {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such person: " + to}
	}
	s.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	m := s.server
	m.Lock()
	m.tries++
	try, trouble := m.tries, m.Trouble
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
	m.Letters = append(m.Letters, Letter{s.from, s.to, isTLS, s.user, message, string(body)})
	if try == m.Unanswered {
		return errors.Join(s.conn.Conn().Close(), errors.New("the server ended"))
	}
	return err
}

func (*session) Reset()        {}
func (*session) Logout() error { return nil }
