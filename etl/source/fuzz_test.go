package source

import (
	"net/url"
	"path"
	"strings"
	"testing"
	"unicode"
)

// FuzzPage: whatever a page lists, what comes of it are addresses that may be
// asked for, under names that may be written, like the pattern.
func FuzzPage(f *testing.F) {
	f.Add(pageJSON, "prc-pfa-*.ods")
	f.Add(`{"details": {"attachments": [{"url": "//evil.example/a.ods", "file_size": -3}, {"url": "https://h/%00.ods"}, {"url": "\\\\h\\a.ods"}]}}`, "*.ODS")
	f.Add(`{"details": {"attachments": [{"url": "javascript:x.ods"}, {"url": "../../a%2Fb.ods?x#y"}]}}`, "[!a]*.ods")
	f.Add(`{"redirects": [{"destination": "%"}]}`, `\`)
	page := &url.URL{Scheme: "https", Host: "www.gov.uk", Path: pagePath}
	f.Fuzz(func(t *testing.T, text, pattern string) {
		items, err := listed(page, []byte(text), pattern)
		if err == nil == (len(items) == 0) {
			t.Fatalf("%d items and error %v", len(items), err)
		}
		for _, i := range items {
			u, err := webAddress(i.Address)
			if err != nil || u.Scheme != "https" || u.Fragment != "" {
				t.Errorf("%q: %v", i.Address, err)
			}
			if ok, err := path.Match(strings.ToLower(pattern), strings.ToLower(i.Name)); !ok || err != nil {
				t.Errorf("%q is not like %q: %v", i.Name, pattern, err)
			}
			if i.Name == "" || strings.ContainsAny(i.Name, `/\`) || strings.ContainsFunc(i.Name, unicode.IsControl) || i.Size == 0 || !i.Settled {
				t.Errorf("%+v", i)
			}
		}
	})
}

// FuzzPlace: however a place is written, its check ends, and an address that
// is shown holds neither a password nor a key.
func FuzzPlace(f *testing.F) {
	for _, from := range []string{"inbox/*.csv", "https://www.gov.uk/a?key=hidden", "http://u:p@h/", "HTTPS://h", "https://h/%zz?x", "http://[::1%25lo]/", "builtin:areas.csv", "[", "ftp://x"} {
		f.Add(from, "")
		f.Add(from, "*.ods")
	}
	f.Fuzz(func(t *testing.T, from, pattern string) {
		err := Place{From: from, Pattern: pattern}.Check()
		if err != nil && (strings.Contains(err.Error(), "\n") || err.Error() == "") {
			t.Errorf("%q: %q is not one sentence", from, err)
		}
		if !strings.Contains(from, "://") {
			return
		}
		u, failed := url.Parse(Shown(from))
		if Shown(from) != "a web address" && (failed != nil || u.User != nil || u.RawQuery != "" && u.RawQuery != "…" || u.Fragment != "") {
			t.Errorf("%q is shown as %q", from, Shown(from))
		}
		if own, parsed := url.Parse(from); parsed == nil && own.RawQuery != "" && len(own.RawQuery) > 8 && strings.Contains(Shown(from), own.RawQuery) && !strings.Contains(own.Path, own.RawQuery) && !strings.Contains(own.Host, own.RawQuery) {
			t.Errorf("%q is shown as %q", from, Shown(from))
		}
	})
}
