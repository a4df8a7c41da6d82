package dashboard

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

func (w works) downloaded(t *testing.T) []stats.Download {
	t.Helper()
	var all []stats.Download
	for d, err := range query.New(w.db).Downloads(t.Context(), time.Time{}, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

func sha256Of(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// TestEveryDownloadIsRecorded: each file of figures, and nothing else.
func TestEveryDownloadIsRecorded(t *testing.T) {
	w := newForce(t)
	tests := []struct {
		address, report, filters string
		rows                     uint64
	}{
		{"/reports/observations.csv?measure=stalking_charges&area=E23000026&measure=stalking_charges", "observations", "area=E23000026&measure=stalking_charges", 5},
		{"/reports/observations.csv?period=quarter", "observations", "period=quarter", 0},
		{"/reports/recommendations.csv?area=E23000026", "recommendations", "area=E23000026", 30},
		{"/figure.csv?measure=stalking_charges&area=E23000026&source=force_return&period=2023-02", "figure", "area=E23000026&measure=stalking_charges&period=2023-02&source=force_return", 1},
		{"/data/runs/" + newRelease + "/changes.csv", "changes of a run", "id=" + newRelease, 0},
		{"/data/runs/" + newRelease + "/rejected.csv", "rejected rows of a run", "id=" + newRelease, 0},
		{"/data/revisions.csv?since=2024-01-01", "revisions", "since=2024-01-01", 0},
		{"/data/downloads.csv?day=2024-10-14", "downloads", "day=2024-10-14", 7},
		{"/audit.csv?user=nobody", "audit", "user=nobody", 0},
	}
	for i, test := range tests {
		got := w.get(test.address)
		if got.Code != http.StatusOK {
			t.Fatalf("%s answers %d: %s", test.address, got.Code, got.Body)
		}
		all := w.downloaded(t)
		if len(all) != i+1 {
			t.Fatalf("%s: %d downloads are recorded, want %d", test.address, len(all), i+1)
		}
		at := slices.IndexFunc(all, func(d stats.Download) bool { return d.SHA256 == sha256Of(got.Body.Bytes()) })
		if at < 0 {
			t.Fatalf("%s: none has the hash of what was sent: %+v", test.address, all)
		}
		want := stats.Download{ID: all[at].ID, BeganAt: testNow, Channel: stats.PageChannel, Report: test.report, Filters: test.filters, Audience: Internal,
			Rows: test.rows, Bytes: uint64(got.Body.Len()), SHA256: all[at].SHA256, Complete: true}
		if diff := cmp.Diff(want, all[at]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.address, diff)
		}
	}
	// What sends no figures is no download.
	for _, address := range []string{"/reports/observations.csv?area=none", "/reports/observations.csv-metadata.json", "/data/downloads", "/audit", "/data"} {
		w.get(address)
	}
	w.send(http.MethodHead, "/reports/observations.csv", "", nil)
	if all := w.downloaded(t); len(all) != len(tests) {
		t.Errorf("%d downloads are recorded, want %d", len(all), len(tests))
	}
}

func TestPageOfDownloads(t *testing.T) {
	w := newForce(t)
	if got := page(t, w.get("/data/downloads")); !strings.Contains(got, "No figures were downloaded yet") {
		t.Errorf("page = %q", got)
	}
	w.get("/reports/observations.csv?area=E23000026")
	w.get("/reports/observations.csv?audience=internal&as_at=2024-10-13")
	got := page(t, w.get("/data/downloads"))
	for _, want := range []string{"Figures were downloaded 2 times", "14 Oct 2024, 10:30 BST", "observations", "area: E23000026", "as at: 2024-10-13 audience: internal", "whole"} {
		if !strings.Contains(got, want) {
			t.Errorf("page = %q, want %q", got, want)
		}
	}
	for address, want := range map[string]string{
		"/data/downloads?day=2024-10-14": "Figures were downloaded 2 times on 14 October 2024",
		"/data/downloads?day=2024-10-13": "No figures were downloaded on 13 October 2024",
		"/data/downloads?day=2024-02-30": "Day: 2024-02-30 is no day.",
		"/data/downloads?from=2024":      "This page has no parameter “from”.",
	} {
		if got := page(t, w.get(address)); !strings.Contains(got, want) {
			t.Errorf("%s = %q, want %q", address, got, want)
		}
	}
	for _, test := range []struct {
		address string
		rows    int // each is a download itself, which the next has
	}{{"/data/downloads.csv", 2}, {"/data/downloads.csv?day=2024-10-14", 3}, {"/data/downloads.csv?day=2024-10-15", 0}} {
		rows, err := csv.NewReader(w.get(test.address).Body).ReadAll()
		if err != nil || len(rows) != test.rows+1 {
			t.Errorf("%s: %d rows, %v; want %d", test.address, len(rows), err, test.rows+1)
		}
	}
	if got := w.get("/data/downloads.csv-metadata.json?day=2024-10-14"); got.Code != 200 || !strings.Contains(got.Body.String(), `"downloads.csv?day=2024-10-14"`) {
		t.Errorf("metadata = %d %s", got.Code, got.Body)
	}
}

func TestMoreDownloadsThanThePageLists(t *testing.T) {
	all := make([]stats.Download, downloadsListed+1)
	page := buildDownloads(all, time.Time{})
	if len(page.Rows) != downloadsListed || page.More != "These are the newest 200." || page.Title != "Figures were downloaded more than 200 times" || page.Says != "200 downloads of those listed broke off and did not arrive whole." {
		t.Errorf("%d rows, %q, %q, %q", len(page.Rows), page.More, page.Title, page.Says)
	}
}

// broken is a reader who goes away after some bytes.
type broken struct {
	*httptest.ResponseRecorder
	takes int
}

var errGone = errors.New("the reader has gone")

func (b *broken) Write(p []byte) (int, error) {
	if b.Body.Len()+len(p) > b.takes {
		n, _ := b.ResponseRecorder.Write(p[:b.takes-b.Body.Len()])
		return n, errGone
	}
	return b.ResponseRecorder.Write(p)
}

// TestABrokenDownloadIsRecordedAsSuch, with the bytes that were sent.
func TestABrokenDownloadIsRecordedAsSuch(t *testing.T) {
	w := newForce(t)
	var months []any
	for month := range 12 {
		for year := 2000; year < 2005; year++ {
			months = append(months, fmt.Sprintf("%d-%02d", year, 1+month), month)
		}
	}
	w.observe(t, newRelease, "2023", months...)
	reader := &broken{httptest.NewRecorder(), 5000}
	func() {
		defer func() {
			if cause := recover(); cause != http.ErrAbortHandler {
				t.Errorf("the transfer ended with %v", cause)
			}
		}()
		r := httptest.NewRequest(http.MethodGet, "/reports/observations.csv", nil)
		r.Host = "localhost"
		w.handler.ServeHTTP(reader, r)
	}()
	all := w.downloaded(t)
	if len(all) != 1 || all[0].Complete || all[0].Bytes != 5000 || all[0].SHA256 != sha256Of(reader.Body.Bytes()) || all[0].Rows == 0 || all[0].Rows > 65 {
		t.Errorf("recorded is %+v", all)
	}
	if got := page(t, w.get("/data/downloads")); !strings.Contains(got, "broke off") {
		t.Errorf("page = %q", got)
	}
}

// TestFilesNeedAnEnd: by HTTP/1.0 a part of a file would look whole, so none is sent.
func TestFilesNeedAnEnd(t *testing.T) {
	w := newForce(t)
	for _, path := range []string{"/reports/observations.csv", "/api/v1/observations", "/data/revisions.csv"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host, r.Proto, r.ProtoMinor = "localhost", "HTTP/1.0", 0
		got := httptest.NewRecorder()
		w.handler.ServeHTTP(got, r)
		if got.Code != http.StatusHTTPVersionNotSupported || !strings.Contains(got.Body.String(), "proxy_http_version 1.1") {
			t.Errorf("%s: %d %.300s", path, got.Code, got.Body)
		}
	}
}

// forgetful is a log that nothing can be added to.
type forgetful struct{}

func (forgetful) RecordDownload(context.Context, stats.Download) error {
	return errors.New("the table is full")
}

// TestADownloadThatCannotBeRecorded arrives all the same, and the log tells it.
func TestADownloadThatCannotBeRecorded(t *testing.T) {
	var log bytes.Buffer
	s := newSite(t, &log)
	h := s.recorded(forgetful{}, "observations", func(w http.ResponseWriter, _ *http.Request) error {
		noteRows(w, 3)
		_, err := w.Write([]byte("figures"))
		return err
	})
	w := httptest.NewRecorder()
	if err := h(w, httptest.NewRequest(http.MethodGet, "/x?area=B&area=A&from=", nil)); err != nil || w.Body.String() != "figures" {
		t.Errorf("%q, %v", w.Body, err)
	}
	for _, want := range []string{"download not recorded", "the table is full", "area=A&area=B", "rows=3", "bytes=7", "complete=true"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("log = %s, want %q", log.String(), want)
		}
	}
}

// TestNothingIsRecordedOfThePublishedAudience on a site of its own.
func TestNothingIsRecordedOfThePublishedAudience(t *testing.T) {
	var log bytes.Buffer
	s := newSite(t, &log)
	s.audience = Published
	h := s.recorded(forgetful{}, "observations", func(w http.ResponseWriter, _ *http.Request) error {
		_, err := w.Write([]byte("figures"))
		return err
	})
	if err := h(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/x", nil)); err != nil || log.Len() > 0 {
		t.Errorf("error %v, log %s", err, log.String())
	}
}

func TestHugeFiltersAreRecordedInPart(t *testing.T) {
	if got := filtersOf(map[string][]string{"source": {strings.Repeat("x", 100_000)}}); len(got) > longestFilters+10 || !strings.HasSuffix(got, "…") {
		t.Errorf("%d bytes", len(got))
	}
}
