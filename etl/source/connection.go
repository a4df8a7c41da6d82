package source

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"stalkstats/internal/stats"
)

// maxHeader is the most bytes that an answer may have before its body.
const maxHeader = 256 << 10

// afterwards is the longest that an answer which is complete is listened to
// for more. A server that was asked to hang up does so at once.
const afterwards = time.Second

// connections asks each request over a connection of its own. The transport of
// net/http ends a body where its declared length ends and drops in silence
// what follows: where a server counts letters in place of bytes, the file
// would lose its last rows, or the last digit of its last figure. Here what
// follows is a fault. No proxy is asked.
type connections struct {
	dialer net.Dialer
	tls    *tls.Config
	stall  time.Duration
}

func (f *Fetcher) connections() *connections {
	c := &connections{
		dialer: net.Dialer{Timeout: f.rules.Stall, Resolver: f.resolver},
		tls:    &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: f.rules.RootCAs},
		stall:  f.rules.Stall,
	}
	// The address is looked at when the name has been looked up and before the
	// first byte is sent, so that no name and no redirect leads elsewhere.
	c.dialer.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if !f.rules.AllowPrivate && !f.allowed(at) {
			return &privateAddress{at.Addr()}
		}
		return nil
	}
	return c
}

// privateAddress is an address that is not asked.
type privateAddress struct{ addr netip.Addr }

// Error implements error.
func (p *privateAddress) Error() string { return p.addr.String() + " is not on the public internet" }

// RoundTrip implements http.RoundTripper.
func (c *connections) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	conn, err := c.connect(ctx, req)
	if err != nil {
		return nil, toldOf(req, err)
	}
	// The end of the context ends any wait for the server.
	release := context.AfterFunc(ctx, func() { conn.Close() })
	resp, err := c.converse(conn, req)
	if err != nil {
		release()
		conn.Close()
		return nil, toldOf(req, err)
	}
	return resp, nil
}

// toldOf names the address that was refused: after a redirect it is another
// one than was asked for.
func toldOf(req *http.Request, err error) error {
	var private *privateAddress
	if errors.As(err, &private) {
		return final(stats.AddressRefused, "%s is not asked, because it leads to %s, which is not on the public internet: check the address, or set etl.fetch.allow_private if that is meant", shown(req.URL), private.addr)
	}
	return err
}

func (c *connections) connect(ctx context.Context, req *http.Request) (net.Conn, error) {
	port := req.URL.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[req.URL.Scheme]
	}
	host := req.URL.Hostname()
	plain, err := c.dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, err
	}
	conn := paced{plain, c.stall}
	if req.URL.Scheme == "http" {
		return conn, nil
	}
	settings := c.tls.Clone()
	settings.ServerName = host
	safe := tls.Client(conn, settings)
	if err := safe.HandshakeContext(ctx); err != nil {
		plain.Close()
		return nil, &unsafe{err}
	}
	return safe, nil
}

// unsafe is a connection that could not be made safe.
type unsafe struct{ error }

// Unwrap gives the cause.
func (u *unsafe) Unwrap() error { return u.error }

// converse sends the request and reads the answer up to its body.
func (c *connections) converse(conn net.Conn, req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Close = true
	if err := req.Write(conn); err != nil {
		return nil, err
	}
	limited := &io.LimitedReader{R: conn, N: maxHeader}
	in := bufio.NewReader(limited)
	for {
		resp, err := http.ReadResponse(in, req)
		var lost net.Error
		switch {
		case err == nil:
		case limited.N > 0 && (errors.As(err, &lost) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
			return nil, err
		default:
			return nil, &garbled{err}
		}
		if resp.StatusCode >= 100 && resp.StatusCode < 200 && resp.StatusCode != http.StatusSwitchingProtocols {
			continue // the answer proper follows
		}
		limited.N = math.MaxInt64
		resp.Body = &wholeBody{ReadCloser: resp.Body, conn: conn, rest: in, declared: resp.ContentLength, patience: min(afterwards, c.stall), shown: shown(req.URL)}
		return resp, nil
	}
}

// garbled is an answer that is not in HTTP.
type garbled struct{ error }

// Unwrap gives the cause.
func (g *garbled) Unwrap() error { return g.error }

// wholeBody is a body after which nothing may follow.
type wholeBody struct {
	io.ReadCloser
	conn     net.Conn
	rest     *bufio.Reader
	declared int64 // -1: unknown, or told with each piece
	patience time.Duration
	shown    string
}

// Read implements io.Reader.
func (b *wholeBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF && b.declared >= 0 && b.more() {
		err = final(stats.AnswerUnusable, "%s is longer than the %s that its server tells, and its end would be missing: tell whoever runs the server", b.shown, counted(b.declared, "byte"))
	}
	return n, err
}

// more reports whether bytes follow the end of the body.
func (b *wholeBody) more() bool {
	timer := time.AfterFunc(b.patience, func() { b.conn.Close() })
	defer timer.Stop()
	_, err := b.rest.Peek(1)
	return err == nil
}

// Close implements io.Closer.
func (b *wholeBody) Close() error { return b.conn.Close() }

// paced is a connection that fails when nothing moves for a while.
type paced struct {
	net.Conn
	stall time.Duration
}

// Read implements io.Reader.
func (p paced) Read(b []byte) (int, error) {
	if err := p.SetReadDeadline(time.Now().Add(p.stall)); err != nil {
		return 0, err
	}
	return p.Conn.Read(b)
}

// Write implements io.Writer.
func (p paced) Write(b []byte) (int, error) {
	if err := p.SetWriteDeadline(time.Now().Add(p.stall)); err != nil {
		return 0, err
	}
	return p.Conn.Write(b)
}
