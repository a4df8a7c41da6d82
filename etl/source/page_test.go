package source

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pagePath is where the Home Office lists its open data tables.
const pagePath = "/government/statistical-data-sets/police-recorded-crime-and-outcomes-open-data-tables"

// pageJSON is a content item in the shape that gov.uk's own schema and
// examples give, cut to what it is read for and a little around it.
const pageJSON = `{
  "base_path": "` + pagePath + `", "document_type": "statistical_data_set", "locale": "en",
  "public_updated_at": "2026-07-23T09:30:00Z", "withdrawn_notice": {}, "links": {"organisations": [{"title": "Home Office"}]},
  "details": {
    "body": "<div class=\"govspeak\"><a href=\"/media/0/in-the-text.ods\">x</a></div>",
    "change_history": [{"note": "First published.", "public_timestamp": "2025-04-24T09:30:00Z"}],
    "attachments": [
      {"attachment_type": "file", "id": "a.ods", "title": "Police force areas, newest", "accessible": false,
       "url": "/media/2/prc-pfa-mar2013-onwards-tables-230726.ods", "content_type": "application/vnd.oasis.opendocument.spreadsheet",
       "file_size": 14856073, "filename": "prc-pfa-mar2013-onwards-tables-230726.ods", "number_of_pages": null},
      {"attachment_type": "file", "title": "Police force areas, older", "url": "ORIGIN/media/1/PRC-PFA-mar2008-mar2012-tables.ODS#top", "filename": "x.ods"},
      {"attachment_type": "html", "title": "User guide", "url": "/government/publications/guide/user-guide"},
      {"attachment_type": "external", "title": "ONS", "url": "https://www.ons.gov.uk/"},
      {"attachment_type": "file", "title": "Listed twice", "url": "/media/2/prc-pfa-mar2013-onwards-tables-230726.ods"},
      {"attachment_type": "file", "title": "Outcomes", "url": "/media/3/prc-outcomes-open-data-mar2026.xlsx", "file_size": null},
      {"attachment_type": "file", "title": "Geography", "url": "/media/4/recrime-geo-pfa.csv"}
    ]
  }
}`

func TestPage(t *testing.T) {
	var origin string
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/content" + pagePath:
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, strings.ReplaceAll(pageJSON, "ORIGIN", origin))
		case "/media/2/prc-pfa-mar2013-onwards-tables-230726.ods":
			io.WriteString(w, table)
		default:
			http.NotFound(w, r)
		}
	})
	origin = server.URL
	f := web(t, server.URL)
	item := func(path, name string, size int64) Item {
		return Item{Address: server.URL + path, Name: name, Size: size, Settled: true}
	}
	want := []Item{
		item("/media/1/PRC-PFA-mar2008-mar2012-tables.ODS", "PRC-PFA-mar2008-mar2012-tables.ODS", -1),
		item("/media/2/prc-pfa-mar2013-onwards-tables-230726.ods", "prc-pfa-mar2013-onwards-tables-230726.ods", 14856073),
	}
	for _, from := range []string{pagePath, pagePath + "/", "/api/content" + pagePath} {
		got, err := f.Locate(t.Context(), Place{From: server.URL + from, Pattern: "prc-pfa-*.ods"}, now)
		if diff := cmp.Diff(want, got, unexported); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", from, err, diff)
		}
	}
	if got, err := f.Fetch(t.Context(), "test", want[1], Validators{}, now); err != nil || got.File != want[1].Name || got.Size != int64(len(table)) {
		t.Errorf("%+v, %v", got, err)
	}
	for pattern, want := range map[string]string{
		"prc-pfa-*.xlsx": "no file of the page PAGE is named like prc-pfa-*.xlsx (it has prc-pfa-mar2013-onwards-tables-230726.ods, PRC-PFA-mar2008-mar2012-tables.ODS, user-guide, prc-pfa-mar2013-onwards-tables-230726.ods, prc-outcomes-open-data-mar2026.xlsx and 1 more): change the pattern",
		"[":              `"[" is not a pattern of names: write one such as *.ods`,
	} {
		_, err := f.Locate(t.Context(), Place{From: server.URL + pagePath, Pattern: pattern}, now)
		if want = strings.ReplaceAll(want, "PAGE", server.URL+pagePath); err == nil || err.Error() != want {
			t.Errorf("%v\nwant\n%s", err, want)
		}
	}
	if _, err := f.Locate(t.Context(), Place{From: server.URL + "/gone", Pattern: "*"}, now); err == nil || !strings.Contains(err.Error(), "/api/content/gone is not there (the server answers 404)") {
		t.Errorf("%v", err)
	}
	if _, err := f.Locate(t.Context(), Place{From: "inbox", Pattern: "*"}, now); err == nil || err.Error() != "only a publication page has a pattern beside its address: in a folder it is the last part, such as inbox/*.csv" {
		t.Errorf("%v", err)
	}
}

// TestPageRefused: answers that are no list of files.
func TestPageRefused(t *testing.T) {
	page, err := url.Parse("https://www.gov.uk/page")
	if err != nil {
		t.Fatal(err)
	}
	attach := func(address string) string {
		return fmt.Sprintf(`{"document_type": "publication", "details": {"attachments": [{"url": %q}]}}`, address)
	}
	const odd = "https://www.gov.uk/page is no publication page of gov.uk, or its list of files cannot be read: check the address"
	const none = "the page https://www.gov.uk/page lists no files: check that it is the page of the publication itself"
	for text, want := range map[string]string{
		"":                                odd,
		"<!DOCTYPE html>":                 odd,
		"[]":                              odd,
		"{}":                              odd,
		`{"details": {"attachments": 3}}`: odd,
		`{"details": {"attachments": [{"url": 3}]}}`: odd,
		pageJSON[:200]:                     odd,
		`{"details": {}}`:                  none,
		`{"document_type": "gone"}`:        none,
		`{"details": {"attachments": []}}`: none,
		`{"redirects": [{"destination": "/new"}], "details":{}}`: "the page https://www.gov.uk/page has moved: name its new address, which may be https://www.gov.uk/new",
		attach("http://assets.example/a.ods"):                    "the page https://www.gov.uk/page lists the file a.ods under an address without https, where it could be changed on its way, and it is not taken: tell whoever runs the page",
		attach("https://user:hidden@assets.example/a.ods"):       "the page https://www.gov.uk/page lists the file a.ods under an address that cannot be asked: tell whoever runs the page",
		attach("file://host/etc/a.ods"):                          "the page https://www.gov.uk/page lists the file a.ods under an address that cannot be asked: tell whoever runs the page",
		attach("/media/a.csv"):                                   "no file of the page https://www.gov.uk/page is named like *.ods (it has a.csv): change the pattern",
		attach(""):                                               "no file of the page https://www.gov.uk/page is named like *.ods (it has page): change the pattern",
		attach("%zz"):                                            "no file of the page https://www.gov.uk/page is named like *.ods (it has none that can be read): change the pattern",
	} {
		if got, err := listed(page, []byte(text), "*.ods"); err == nil || err.Error() != want {
			t.Errorf("%s\n%+v\n%v\nwant\n%s", text, got, err, want)
		}
	}
}

// TestPageTooLarge: a list that does not end is not read to its end.
func TestPageTooLarge(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for range maxPage>>10 + 2 {
			io.WriteString(w, strings.Repeat(" ", 1<<10))
		}
	})
	want := server.URL + "/api/content/page is too large (more than 8388608 bytes; the most is 8388608): check that it is the right file, or raise etl.fetch.max_size"
	if _, err := web(t, server.URL).Locate(t.Context(), Place{From: server.URL + "/page", Pattern: "*"}, now); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
