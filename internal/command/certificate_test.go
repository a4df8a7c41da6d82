package command

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"stalkstats/internal/config"
)

// writePair writes a certificate of a name, and its key.
func writePair(t *testing.T, f folder, name string, until time.Time) (x509.Certificate, config.TLS) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: time.Now().Add(-time.Hour), NotAfter: until, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{name},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, of, of, crypto.PublicKey(key.Public()), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	files := config.TLS{
		Certificate: f.write(t, "site.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))),
		Key:         f.write(t, "site.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))),
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return *leaf, files
}

// TestCertificateIsReadAgain: a new one is shown without a restart, and one that cannot
// be used is not.
func TestCertificateIsReadAgain(t *testing.T) {
	f := newFolder(t)
	var told bytes.Buffer
	log := slog.New(slog.NewTextHandler(&told, nil))
	_, files := writePair(t, f, "first.example.org", time.Now().Add(time.Hour))
	speaks, err := tlsOf(files, log)
	if err != nil {
		t.Fatal(err)
	}
	shown := func() string {
		t.Helper()
		pair, err := speaks.GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.DNSNames[0]
	}
	if got := shown(); got != "first.example.org" || speaks.MinVersion != tls.VersionTLS12 {
		t.Errorf("%s is shown", got)
	}
	writePair(t, f, "second.example.org", time.Now().Add(time.Hour))
	if got := shown(); got != "second.example.org" {
		t.Errorf("%s is shown after a change", got)
	}
	writePair(t, f, "third.example.org", time.Now().Add(-time.Minute))
	if got := shown(); got != "second.example.org" || !strings.Contains(told.String(), "renew it") {
		t.Errorf("%s is shown, and the log tells %s", got, &told)
	}
	f.write(t, "site.key", "not a key")
	if got := shown(); got != "second.example.org" || !strings.Contains(told.String(), "are not a certificate and its key in PEM") {
		t.Errorf("%s is shown, and the log tells %s", got, &told)
	}
	for says, spoil := range map[string]func(named *config.TLS){
		"are not a certificate and its key": func(*config.TLS) { f.write(t, "site.pem", "x") },
		"renew it":                          func(*config.TLS) { writePair(t, f, "x", time.Now().Add(-time.Minute)) },
		"no such file":                      func(named *config.TLS) { named.Key += "x" },
	} {
		named := files
		writePair(t, f, "x", time.Now().Add(time.Hour))
		spoil(&named)
		if _, err := tlsOf(named, log); err == nil || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), "dashboard.tls: ") {
			t.Errorf("at the start: %v, want %s", err, says)
		}
	}
}
