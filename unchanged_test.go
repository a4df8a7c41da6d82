package main

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"stalkstats/dashboard/disclosure"
)

// fetch asks for an address with headers and reads what comes.
func fetch(t *testing.T, address string, headers map[string]string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

// TestUnchangedReport: who has a report gets it again only once something else is
// served, and compressed it is the same report.
func TestUnchangedReport(t *testing.T) {
	p := newPipeline(t)
	p.run(t, "areas", "")
	p.run(t, "measures", "")
	p.load(t, orders)
	address, _ := publishedSite(t, p, disclosure.Rules{Threshold: 5, Rounding: 1})
	report := address + "/reports/observations.csv?measure=spo_applied"

	plain, first := fetch(t, report, nil)
	tag := plain.Header.Get("ETag")
	if plain.StatusCode != http.StatusOK || tag == "" || !strings.Contains(first, "spo_applied") {
		t.Fatalf("%s, tag %q\n%s", plain.Status, tag, first)
	}
	packed, bytes := fetch(t, report, map[string]string{"Accept-Encoding": "gzip"})
	if packed.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(packed.Header.Get("Vary"), "Accept-Encoding") {
		t.Fatalf("not compressed: %v", packed.Header)
	}
	unpacked, err := gzip.NewReader(strings.NewReader(bytes))
	if err != nil {
		t.Fatal(err)
	}
	if same, err := io.ReadAll(unpacked); err != nil || string(same) != first {
		t.Errorf("compressed it is another report: %v\n%s", err, same)
	}
	for _, has := range []string{tag, packed.Header.Get("ETag"), `"other", ` + tag, "*"} {
		if again, body := fetch(t, report, map[string]string{"If-None-Match": has}); again.StatusCode != http.StatusNotModified || body != "" {
			t.Errorf("who has %s is answered %s, %q", has, again.Status, body)
		}
	}
	if other, _ := fetch(t, report+"&area=E23000026", map[string]string{"If-None-Match": tag}); other.StatusCode != http.StatusOK {
		t.Errorf("another report is said to be unchanged: %s", other.Status)
	}
	p.load(t, strings.Replace(orders, "2023-07,spo_applied,,,31", "2023-07,spo_applied,,,32", 1))
	if now, body := fetch(t, report, map[string]string{"If-None-Match": tag}); now.StatusCode != http.StatusOK || !strings.Contains(body, "32") {
		t.Errorf("after a correction: %s\n%s", now.Status, body)
	}
	if bad, _ := fetch(t, address+"/reports/observations.csv?measure=none", map[string]string{"If-None-Match": "*"}); bad.StatusCode != http.StatusBadRequest {
		t.Errorf("a bad address is answered %s", bad.Status)
	}
}
