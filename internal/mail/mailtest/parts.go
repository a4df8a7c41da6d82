package mailtest

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"
)

// Parts is what a letter holds, as a mail program reads it.
type Parts struct {
	Kinds      []string // of all parts, from the outside in and from first to last
	Text, HTML string
	Pictures   map[string][]byte // by their Content-ID, without its brackets
}

// Open reads what a message holds.
func Open(t testing.TB, message *netmail.Message) Parts {
	t.Helper()
	p := Parts{Pictures: map[string][]byte{}}
	p.read(t, message.Header.Get, message.Body)
	return p
}

// OpenFile is Open for a file (.eml).
func OpenFile(t testing.TB, file []byte) (netmail.Header, Parts) {
	t.Helper()
	message, err := netmail.ReadMessage(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return message.Header, Open(t, message)
}

// Open is what the letter holds.
func (l Letter) Open(t testing.TB) Parts {
	t.Helper()
	return Open(t, &netmail.Message{Header: l.Header, Body: strings.NewReader(l.Body)})
}

func (p *Parts) read(t testing.TB, header func(string) string, body io.Reader) {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	p.Kinds = append(p.Kinds, kind)
	if strings.HasPrefix(kind, "multipart/") {
		r := multipart.NewReader(body, parameters["boundary"])
		for {
			part, err := r.NextRawPart()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			p.read(t, part.Header.Get, part)
		}
	}
	switch header("Content-Transfer-Encoding") {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	switch kind {
	case "text/plain":
		p.Text = strings.ReplaceAll(string(content), "\r\n", "\n")
	case "text/html":
		p.HTML = strings.ReplaceAll(string(content), "\r\n", "\n")
	case "image/png":
		name, bracketed := strings.CutPrefix(header("Content-ID"), "<")
		name, closed := strings.CutSuffix(name, ">")
		if !bracketed || !closed || !strings.Contains(name, "@") { // RFC 2392: else mail programs do not find it
			t.Errorf("a picture is named %q", header("Content-ID"))
		}
		p.Pictures[name] = content
	}
}
