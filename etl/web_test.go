package etl_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/etl"
	"stalkstats/internal/stats"
)

// site is a real server that the source of returns is fetched from.
func (b *bench) site(t *testing.T, server *httptest.Server, path, pattern string) {
	t.Helper()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	b.cfg.ETL.Fetch.Hosts, b.cfg.ETL.Fetch.AllowPrivate = []string{u.Host}, true
	b.cfg.ETL.Sources[2].From, b.cfg.ETL.Sources[2].Pattern = server.URL+path, pattern
	b.etl = b.over(b.conn)
}

// TestFromTheWeb: fetched once, asked for again by what the server said of it,
// and fetched anew when it has changed.
func TestFromTheWeb(t *testing.T) {
	b := newBench(t)
	var answers []int
	text := header + march + "\n"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+text[len(text)-20:len(text)-1]+`"`)
		recorder := &answering{ResponseWriter: w, code: http.StatusOK}
		http.ServeContent(recorder, r, "return.csv", time.Time{}, strings.NewReader(text))
		answers = append(answers, recorder.code)
	}))
	defer server.Close()
	b.site(t, server, "/return.csv?key=secret", "")
	run := b.must(t, "force_return", "", stats.Published)
	if strings.Contains(run.From, "secret") || run.File != "return.csv" {
		t.Errorf("run %+v", run)
	}
	if again := b.must(t, "force_return", "", stats.Unchanged); again.SHA256 != run.SHA256 {
		t.Errorf("run %+v", again)
	}
	text = header + "E23000026,2024-03,stalking_charges,,,6,,\n"
	b.must(t, "force_return", "", stats.Published)
	if want := []int{200, 304, 200}; !slices.Equal(answers, want) {
		t.Errorf("the server answered %v, want %v", answers, want)
	}
	b.serves(t, "E23000026 Mar 2024 stalking_charges 6")
	b.clean(t)
}

// answering remembers the status of an answer.
type answering struct {
	http.ResponseWriter
	code int
}

// WriteHeader implements http.ResponseWriter.
func (a *answering) WriteHeader(code int) {
	a.code = code
	a.ResponseWriter.WriteHeader(code)
}

// TestPublicationPage takes the files that the page lists, each once.
func TestPublicationPage(t *testing.T) {
	b := newBench(t)
	files := map[string]string{"/media/9/return-2024-03.csv": march, "/media/7/return-2024-04.csv": april}
	var names atomic.Value
	names.Store([]string{"/media/9/return-2024-03.csv"})
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/content/government/returns" {
			var list []string
			for _, name := range append(names.Load().([]string), "/media/1/notes.pdf") {
				list = append(list, `{"title":"A file","url":"`+server.URL+name+`"}`)
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"title":"Returns","details":{"attachments":[`+strings.Join(list, ",")+`]}}`)
			return
		}
		http.ServeContent(w, r, "", time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), strings.NewReader(header+files[r.URL.Path]+"\n"))
	}))
	defer server.Close()
	b.site(t, server, "/government/returns", "return-*.csv")
	if got, want := b.outcomes(t, etl.Options{OnlyNew: true}), []string{"return-2024-03.csv published"}; !cmp.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	names.Store([]string{"/media/9/return-2024-03.csv", "/media/7/return-2024-04.csv"})
	if got, want := b.outcomes(t, etl.Options{OnlyNew: true}), []string{"return-2024-04.csv published"}; !cmp.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := b.outcomes(t, etl.Options{}), []string{"return-2024-04.csv unchanged"}; !cmp.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	b.serves(t, marchServed, aprilServed)
	b.clean(t)
}
