package signin

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

// TestCertificates: a provider whose certificate is not in order is not spoken to.
func TestCertificates(t *testing.T) {
	for name, test := range map[string]struct {
		from, until time.Duration
		trusted     bool
		host        string
		says        string
	}{
		"expired":         {-48 * time.Hour, -24 * time.Hour, true, "127.0.0.1", "Nobody can sign in: the certificate of the test provider has expired. Whoever runs the test provider must renew it."},
		"of another host": {-time.Hour, time.Hour, true, "192.0.2.1", "Nobody can sign in: this program does not trust the certificate of the test provider. Whoever runs stalkstats must see why in its log."},
		"of nobody known": {-time.Hour, time.Hour, false, "127.0.0.1", "Nobody can sign in: this program does not trust the certificate of the test provider. Whoever runs stalkstats must see why in its log."},
	} {
		t.Run(name, func(t *testing.T) {
			certificate := newCertificate(t, test.host, time.Now().Add(test.from), time.Now().Add(test.until))
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
			server.StartTLS()
			t.Cleanup(server.Close)
			pool := x509.NewCertPool()
			if test.trusted {
				pool.AddCert(certificate.Leaf)
			}
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
			t.Cleanup(client.CloseIdleConnections)
			s, _ := app(t, func(o *Options) { o.OIDC.Issuer, o.Client = server.URL, client })
			_, err := s.Start(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), "/", netip.MustParseAddr("127.0.0.1"))
			var refusal *Refusal
			if !errors.As(err, &refusal) || refusal.Sentence != test.says || refusal.Status != http.StatusServiceUnavailable {
				t.Errorf("%v, want %q", err, test.says)
			}
		})
	}
}

func newCertificate(t *testing.T, host string, from, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: from, NotAfter: until, IPAddresses: []net.IP{net.ParseIP(host)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, of, of, crypto.PublicKey(key.Public()), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
