package source

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// quiet keeps the log of a server whose clients hang up on purpose out of the
// test's own.
func quiet(server *httptest.Server) { server.Config.ErrorLog = log.New(io.Discard, "", 0) }

// serveTLS runs a server with a certificate for 127.0.0.1 and example.com.
func serveTLS(t *testing.T, set func(*tls.Config), handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	quiet(server)
	server.TLS = &tls.Config{}
	if set != nil {
		set(server.TLS)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// only is a stand-in for what is on the public internet: the port of a server
// of the test.
func only(server *httptest.Server) func(netip.AddrPort) bool {
	port := server.Listener.Addr().(*net.TCPAddr).AddrPort().Port()
	return func(at netip.AddrPort) bool { return at.Port() == port || public(at) }
}

func TestRedirects(t *testing.T) {
	there := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Referer") != "" || r.Header.Get("If-None-Match") != "" {
			t.Errorf("the server after the redirect is told %v", r.Header)
		}
		w.Header().Set("ETag", `"there"`)
		io.WriteString(w, table)
	})
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, there.URL+"/new.csv?sig=hidden", http.StatusFound)
	})
	f := web(t, server.URL, there.URL)
	item := Item{Address: server.URL + "/a.csv?key=hidden", Name: "a.csv"}
	got, err := f.Fetch(t.Context(), "test", item, Validators{}, now)
	if err != nil || got.Final != there.URL+"/new.csv?…" || got.From != server.URL+"/a.csv?…" || got.ETag != "" || got.Size != int64(len(table)) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := f.Fetch(t.Context(), "test", item, Validators{ETag: `"old"`, SHA256: got.SHA256}, now); err != nil {
		t.Error(err)
	}
}

// TestRedirectsRefused: each is refused at once, and the server is not asked
// again.
func TestRedirectsRefused(t *testing.T) {
	inside := serve(t, func(w http.ResponseWriter, r *http.Request) {
		t.Error("a server inside was reached")
	})
	var asked atomic.Int32
	var to string
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		switch r.URL.Path {
		case "/circle":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/circle", http.StatusFound)
		case "/on":
			http.Redirect(w, r, "/on?"+r.URL.RawQuery+"x", http.StatusFound)
		default:
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusMovedPermanently)
		}
	})
	for name, tt := range map[string]struct {
		path, to string
		asked    int32
		want     string
	}{
		"in a circle": {"/circle", "", 2, "SERVER/circle sends on in a circle: open it in a browser and name the address of the file itself"},
		"without end": {"/on", "", 6, "SERVER/on sends on more than 5 times: name the address of the file itself"},
		"to a private address": {"/a.csv", inside.URL + "/x?token=hidden", 1,
			inside.URL + "/x?… is not asked, because it leads to 127.0.0.1, which is not on the public internet: check the address, or set etl.fetch.allow_private if that is meant"},
		"to the keys of a cloud machine": {"/a.csv", "http://169.254.169.254/latest/meta-data", 1,
			"http://169.254.169.254/latest/meta-data is not asked, because it leads to 169.254.169.254, which is not on the public internet: check the address, or set etl.fetch.allow_private if that is meant"},
		"to a host not named": {"/a.csv", "http://other.example/b.csv?token=hidden", 1,
			"SERVER/a.csv sends on to http://other.example/b.csv?…, and other.example is not in etl.fetch.hosts: add it there if it may be asked"},
		"to another port": {"/a.csv", "http://127.0.0.1:1/b.csv", 1,
			"SERVER/a.csv sends on to http://127.0.0.1:1/b.csv, and 127.0.0.1:1 is not in etl.fetch.hosts: add it there if it may be asked"},
		"with a password": {"/a.csv", "http://user:hidden@127.0.0.1/", 1,
			"SERVER/a.csv sends on to an address with a password in it, and is not followed: tell whoever runs it"},
		"nowhere": {"/a.csv", "http://%zz/", 1, "SERVER/a.csv sends on to an address that cannot be read: tell whoever runs it"},
		"to a file of this machine": {"/a.csv", "file:///etc/passwd", 1,
			"SERVER/a.csv sends on to file:///etc/passwd, which is no web address, and is not followed: tell whoever runs it"},
	} {
		t.Run(name, func(t *testing.T) {
			asked.Store(0)
			to = tt.to
			f := web(t, server.URL, inside.URL, "http://169.254.169.254")
			f.rules.AllowPrivate, f.allowed = false, only(server)
			refused(t, f, server.URL+tt.path, strings.ReplaceAll(tt.want, "SERVER", server.URL))
			if n := asked.Load(); n != tt.asked {
				t.Errorf("asked %d times, want %d", n, tt.asked)
			}
		})
	}
}

func TestDowngrade(t *testing.T) {
	plain := serve(t, func(w http.ResponseWriter, r *http.Request) { t.Error("the server without https was asked") })
	server := serveTLS(t, nil, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, plain.URL, http.StatusFound) })
	f := web(t, server.URL, plain.URL)
	f.rules.RootCAs = authorities(server)
	refused(t, f, server.URL, server.URL+" sends on from https to "+plain.URL+", where the file could be changed on its way, and is not followed: name an https address")
}

func authorities(server *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return pool
}

// expired makes a certificate that ran out in 2020.
func expired(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// TestCertificates: nothing is taken from a server that cannot prove who it is.
func TestCertificates(t *testing.T) {
	answer := func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, table) }
	good := serveTLS(t, nil, answer)
	f := web(t, good.URL)
	f.rules.RootCAs = authorities(good)
	if got, err := f.Fetch(t.Context(), "test", Item{Address: good.URL}, Validators{}, now); err != nil || got.Size != int64(len(table)) {
		t.Errorf("%+v, %v", got, err)
	}
	old := serveTLS(t, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS11 }, answer)
	ran := expired(t)
	late := serveTLS(t, func(c *tls.Config) { c.Certificates = []tls.Certificate{ran} }, answer)
	plain := serve(t, answer)
	byName := strings.Replace(good.URL, "127.0.0.1", "localhost", 1)
	for name, tt := range map[string]struct {
		address string
		pool    *x509.CertPool
		want    string
	}{
		"signed by nobody known": {good.URL, nil, "the server of ADDRESS cannot prove who it is (no authority that this machine trusts has signed its certificate), and nothing is taken from it: tell whoever runs it"},
		"for another name":       {byName, authorities(good), "the server of ADDRESS cannot prove who it is (its certificate is for another name), and nothing is taken from it: tell whoever runs it"},
		"run out":                {late.URL, authorities(late), "the server of ADDRESS cannot prove who it is (its certificate has run out or is not valid yet; look at this machine's clock too), and nothing is taken from it: tell whoever runs it"},
		"an old protocol":        {old.URL, authorities(old), "the server of ADDRESS does not speak https as it must: check the address and its port"},
		"without https":          {"https" + strings.TrimPrefix(plain.URL, "http"), nil, "the server of ADDRESS does not speak https as it must: check the address and its port"},
	} {
		t.Run(name, func(t *testing.T) {
			f := web(t, tt.address)
			f.rules.RootCAs = tt.pool
			refused(t, f, tt.address, strings.ReplaceAll(tt.want, "ADDRESS", tt.address))
		})
	}
	refused(t, web(t, "http"+strings.TrimPrefix(good.URL, "https")), "http"+strings.TrimPrefix(good.URL, "https"),
		"http"+strings.TrimPrefix(good.URL, "https")+" brings no file (the server answers 400): open it in a browser and check the address")
}

// nameServer runs a name server on loopback that answers every question for an IPv4
// address with the next of some addresses, the last one again and again.
func nameServer(t *testing.T, addresses ...netip.Addr) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		packet := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(packet)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if err := m.Unpack(packet[:n]); err != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Additionals = true, nil
			switch {
			case len(addresses) == 0:
				m.RCode = dnsmessage.RCodeNameError
			case q.Type == dnsmessage.TypeA:
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AResource{A: addresses[0].As4()}}}
				if len(addresses) > 1 {
					addresses = addresses[1:]
				}
			}
			if out, err := m.Pack(); err == nil {
				conn.WriteTo(out, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// TestNamesThatLeadInside: a name that is allowed leads nowhere that is not,
// even where it has led to a good address before.
func TestNamesThatLeadInside(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, table) })
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	address := "http://figures.example.:" + u.Port() + "/a.csv"
	f := web(t, address)
	f.rules.AllowPrivate = false
	// The stand-in for the public internet: the server of the test at 127.0.0.1.
	f.allowed = func(at netip.AddrPort) bool { return at.Addr() == netip.MustParseAddr("127.0.0.1") }
	f.resolver = nameServer(t, netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2"))
	item := Item{Address: address, Name: "a.csv"}
	if _, err := f.Fetch(t.Context(), "test", item, Validators{}, now); err != nil {
		t.Fatalf("the first time: %v", err)
	}
	want := address + " is not asked, because it leads to 127.0.0.2, which is not on the public internet: check the address, or set etl.fetch.allow_private if that is meant"
	if _, err := f.Fetch(t.Context(), "test", item, Validators{}, now); err == nil || err.Error() != want {
		t.Errorf("the second time: %v, want %s", err, want)
	}
	local := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	f = web(t, local)
	f.rules.AllowPrivate = false
	if _, err := f.Fetch(t.Context(), "test", Item{Address: local}, Validators{}, now); err == nil || !strings.Contains(err.Error(), "which is not on the public internet") {
		t.Errorf("localhost: %v", err)
	}
	empty(t, f)
	f = web(t, address)
	f.resolver = nameServer(t)
	refused(t, f, address, "no server has the name in "+address+": check how it is written")
}

func TestPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"151.101.0.144": true, "8.8.8.8": true, "2a04:4e42::144": true, "64:ff9b::808:808": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "127.8.8.8": false, "0.0.0.0": false, "10.1.2.3": false, "172.16.0.1": false, "172.31.255.255": false, "172.32.0.1": true,
		"192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false, "100.127.255.255": false, "100.128.0.1": true,
		"192.0.0.8": false, "192.0.2.1": false, "198.18.0.1": false, "198.51.100.1": false, "203.0.113.1": false, "192.88.99.1": false,
		"224.0.0.1": false, "239.1.1.1": false, "255.255.255.255": false, "250.1.1.1": false,
		"::": false, "::1": false, "::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "::127.0.0.1": false,
		"fe80::1": false, "fe80::1%lo": false, "fec0::1": false, "fc00::1": false, "fd00:ec2::254": false, "ff02::1": false, "2001:db8::1": false, "3fff::1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::1": false, "2002:7f00:1::": false, "2001::1": false, "2a04:4e42::1%eth0": false,
	} {
		if got := public(netip.AddrPortFrom(netip.MustParseAddr(text), 443)); got != want {
			t.Errorf("%s: %t, want %t", text, got, want)
		}
	}
	if public(netip.AddrPort{}) {
		t.Error("no address at all is public")
	}
}

// TestAddressesRefused: what is not asked because of how it is written.
func TestAddressesRefused(t *testing.T) {
	const odd = "this is not a web address such as https://www.gov.uk/file.ods: check how it is written"
	f := web(t, "https://www.gov.uk", "http://[::1]:8080")
	for address, want := range map[string]string{
		"https://user:hidden@www.gov.uk/a.csv":  "a web address must not hold a user name or a password: take them out",
		"https://hidden@www.gov.uk/a.csv":       "a web address must not hold a user name or a password: take them out",
		"https://":                              odd,
		"https:///a.csv":                        odd,
		"https://:443/a.csv":                    odd,
		"https://www.gov.uk:x/?key=hidden":      odd,
		"https://%zz/?key=hidden":               odd,
		"https://www.gov.uk.evil.example/a":     "https://www.gov.uk.evil.example/a is not asked, because www.gov.uk.evil.example is not in etl.fetch.hosts: add it there if it may be asked",
		"https://evil.example/www.gov.uk?a=b":   "https://evil.example/www.gov.uk?… is not asked, because evil.example is not in etl.fetch.hosts: add it there if it may be asked",
		"https://www.gov.uk:8443/a#www.gov.uk":  "https://www.gov.uk:8443/a is not asked, because www.gov.uk:8443 is not in etl.fetch.hosts: add it there if it may be asked",
		"https://www.gov.uk\\@evil.example/a":   odd,
		"https://evil.example\r\nHost: x/a.csv": odd,
		"http://[::1]/a":                        "http://[::1]/a is not asked, because [::1] is not in etl.fetch.hosts: add it there if it may be asked",
	} {
		refused(t, f, address, want)
		if _, err := f.Locate(t.Context(), Place{From: address}, now); want == odd && (err == nil || err.Error() != odd) {
			t.Errorf("Locate(%q): %v", address, err)
		}
	}
}

func TestKey(t *testing.T) {
	keys := map[string]bool{}
	for _, address := range []string{"https://h/a?key=hidden", "https://h/a?key=other", "https://h/a", "inbox/a.csv", "builtin:areas.csv"} {
		key := Item{Address: address}.Key()
		if keys[key] || strings.Contains(key, "hidden") || !strings.Contains(address, "?") && key != address {
			t.Errorf("%s has the key %s", address, key)
		}
		keys[key] = true
	}
}
