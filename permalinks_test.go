package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard"
	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/published"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

// internalSite serves the force itself, which may ask for what the published
// audience has.
func (p pipeline) internalSite(t testing.TB, rules disclosure.Rules) *httptest.Server {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	handler, err := dashboard.New(dashboard.Options{Reader: p.reader, Published: published.NewReader(p.reader, published.NewKeeper(p.reader, rules, time.Now, log)),
		Rules: rules, Home: p.cfg.Force, Actions: true, Version: "test", Logger: log, Ready: func(context.Context) error { return nil }, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// permanentLink makes a link on an internal site and gives its address there.
func permanentLink(t testing.TB, site, filters string) string {
	t.Helper()
	response, err := http.PostForm(site+"/reports/permalink?"+filters, url.Values{"who": {"Ann Quixmaker"}, "why": {"FOI 17"}})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	address, ok := strings.CutSuffix(response.Request.URL.Path, "/about")
	if response.StatusCode != http.StatusOK || !ok {
		t.Fatalf("%s at %s: %s", response.Status, response.Request.URL, text)
	}
	return address
}

// TestPermanentLinksOfThePublishedAudience: its site gives the links that were
// made for it, whatever is published afterwards, and names nobody.
func TestPermanentLinksOfThePublishedAudience(t *testing.T) {
	p := newPipeline(t)
	p.run(t, "areas", "")
	p.run(t, "measures", "")
	p.load(t, orders)
	rules := disclosure.Rules{Threshold: 5, Rounding: 5}
	internal := p.internalSite(t, rules)
	const filters = "area=E23000026&measure=spo_applied"
	own, theirs := permanentLink(t, internal.URL, filters), permanentLink(t, internal.URL, filters+"&audience=published")
	want := p.publishedReport(t, rules, url.Values{"measure": {"spo_applied"}, "area": {"E23000026"}})
	if !strings.Contains(want, ",c,") {
		t.Fatalf("nothing is hidden:\n%s", want)
	}
	// Other figures, and other rules, come after it.
	p.load(t, strings.NewReplacer("2023-05,spo_applied,,,12", "2023-05,spo_applied,,,13", "Q1,spo_applied,,,22", "Q1,spo_applied,,,23").Replace(orders))
	site, _ := publishedSite(t, p, disclosure.Rules{Threshold: 9, Rounding: 1})
	status, kind, body := get(t, site+theirs)
	if status != 200 || body != want || kind != "text/csv; charset=utf-8; header=present" {
		t.Errorf("%d %s:\n%s\nwant\n%s", status, kind, body, want)
	}
	for _, path := range []string{theirs + "/about", theirs + "/metadata.json", theirs} {
		if status, _, body := get(t, site+path); status != 200 || strings.Contains(body, "Quixmaker") || strings.Contains(body, "FOI 17") { // whoever writes why may write any name
			t.Errorf("%s = %d: %s", path, status, body)
		}
	}
	for _, path := range []string{own, own + "/about", own + "/metadata.json", "/reports/permalinks", "/reports/permalink?" + filters, theirs + "/withdraw"} {
		if status, _, _ := get(t, site+path); status != 404 {
			t.Errorf("%s answers %d", path, status)
		}
	}
	if status, _, body := get(t, internal.URL+own); status != 200 || !strings.Contains(body, ",12,,") {
		t.Errorf("the internal one: %d\n%s", status, body)
	}
	if response, err := http.PostForm(internal.URL+theirs+"/withdraw", url.Values{"who": {"Bob Quixmaker"}, "why": {"a mistake"}}); err != nil || response.StatusCode != 200 || response.Body.Close() != nil {
		t.Fatal(response, err)
	}
	for _, path := range []string{theirs, theirs + "/about", theirs + "/metadata.json"} {
		if status, _, body := get(t, site+path); status != 410 || strings.Contains(body, "a mistake") || strings.Contains(body, "Quixmaker") || strings.Contains(body, "spo_applied") {
			t.Errorf("withdrawn, %s = %d: %s", path, status, body)
		}
	}
	for d, err := range p.reader.Downloads(t.Context(), time.Time{}, time.Time{}) {
		if err != nil || d.Filters != "id="+strings.TrimPrefix(own, "/permalink/") {
			t.Errorf("recorded is %+v, %v: only what was read on the internal site may be", d, err)
		}
	}
}

var hash = regexp.MustCompile(`[0-9a-f]{64}`)

// linksTold hands everything that the published audience can open of a permanent
// link of all figures to look. Hashes are left out: they hold numbers by chance.
func (p pipeline) linksTold(t *testing.T, site string, rules disclosure.Rules, look func(path, body string)) {
	t.Helper()
	internal := p.internalSite(t, rules)
	for _, filters := range []string{"audience=published", "audience=published&period=quarter"} {
		address := permanentLink(t, internal.URL, filters)
		for _, path := range []string{address, address + "/about", address + "/metadata.json"} {
			status, _, body := get(t, site+path)
			if status != http.StatusOK {
				t.Errorf("%s answers %d", path, status)
			}
			look(path, hash.ReplaceAllString(body, ""))
		}
	}
	if own := permanentLink(t, internal.URL, "period=quarter"); own != "" {
		status, _, body := get(t, site+own)
		if status != http.StatusNotFound {
			t.Errorf("%s answers %d", own, status)
		}
		look(own, body)
	}
}

// TestADownloadThatBreaksOff in the middle of a report of many figures is
// recorded as such, with the hash of no more than the reader can have.
func TestADownloadThatBreaksOff(t *testing.T) {
	p := newPipeline(t)
	p.run(t, "areas", "")
	p.run(t, "measures", "")
	codes, err := schemas.ForceCodes()
	if err != nil {
		t.Fatal(err)
	}
	if err := (clickhousetest.Outcomes{Forces: codes[:43], Years: 1, Offences: 5, Editions: 1}).Fill(t.Context(), p.conn); err != nil {
		t.Fatal(err)
	}
	site := p.internalSite(t, disclosure.Rules{Threshold: 5, Rounding: 5})
	whole, err := http.Get(site.URL + "/reports/observations.csv")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(whole.Body)
	if err != nil || whole.Body.Close() != nil {
		t.Fatal(err)
	}
	ctx, goAway := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, site.URL+"/reports/observations.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(response.Body, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	goAway()
	response.Body.Close()
	site.Close() // waits until the request has ended
	var recorded []stats.Download
	for d, err := range p.reader.Downloads(t.Context(), time.Time{}, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		recorded = append(recorded, d)
	}
	if len(recorded) != 2 {
		t.Fatalf("%d downloads are recorded: %+v", len(recorded), recorded)
	}
	broken, first := recorded[0], recorded[1]
	if !first.Complete || first.Bytes != uint64(len(text)) || first.SHA256 != sum256(text) || first.Rows != uint64(strings.Count(string(text), "\r\n")-1) {
		t.Errorf("the whole one: %+v", first)
	}
	if broken.Complete || broken.Bytes >= uint64(len(text)) || broken.Bytes < 100 || broken.SHA256 != sum256(text[:broken.Bytes]) {
		t.Errorf("the broken one, of %d bytes: %+v", len(text), broken)
	}
}

func sum256(text []byte) string {
	s := sha256.Sum256(text)
	return hex.EncodeToString(s[:])
}
