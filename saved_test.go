package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard"
	"stalkstats/dashboard/delivery"
	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/published"
	"stalkstats/etl/timetable"
	"stalkstats/internal/stats"
)

// savingSite is an internal site on which reports can be saved, and what delivers
// them to a folder.
func (p pipeline) savingSite(t *testing.T, rules disclosure.Rules, now func() time.Time) (site string, d *delivery.Deliverer, folder string) {
	t.Helper()
	log, folder := slog.New(slog.DiscardHandler), t.TempDir()
	options := dashboard.Options{Reader: p.reader, Published: published.NewReader(p.reader, published.NewKeeper(p.reader, rules, time.Now, log)),
		Rules: rules, Home: p.cfg.Force, Actions: true, Version: "test", Logger: log, Now: now,
		Saving: dashboard.Saving{Folder: folder, Schedule: func(spec string) (func(time.Time) time.Time, error) {
			schedule, err := timetable.Parse(spec, time.UTC)
			if err != nil {
				return nil, err
			}
			return schedule.Next, nil
		}}}
	d, err := delivery.New(delivery.Options{Store: p.reader, Maker: dashboard.NewArchiver(options), Saving: options.Saving, Spool: filepath.Join(t.TempDir(), "spool"), Zone: time.UTC, CatchUp: true, Log: log, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := dashboard.New(options)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL, d, folder
}

var seenDelivery = regexp.MustCompile(`<span class="file">([^<]+)</span>`)

// TestADeliveredReport is the same bytes as the zip of the same filters on the
// page; for the published audience none of its bytes tells a true figure.
func TestADeliveredReport(t *testing.T) {
	p := newPipeline(t)
	for _, source := range []string{"areas", "measures", "series_breaks"} {
		p.run(t, source, "")
	}
	if run := p.run(t, "force_return", telltales(t)); run.Outcome != stats.Published {
		t.Fatalf("run %+v", run)
	}
	now := time.Now()
	site, d, folder := p.savingSite(t, telltale, func() time.Time { return now })
	theirs, reader := publishedSite(t, p, telltale)
	secrets := p.secrets(t, reader)
	names := map[string]string{}
	for name, filters := range map[string]string{"Published": "audience=published&period=quarter", "Internal": "measure=stalking_charges&area=E23000026&audience=internal"} {
		response, err := http.PostForm(site+"/reports/save?"+filters, url.Values{"name": {name}, "schedule": {"0 7 * * *"}, "cron": {""}, "place": {stats.FolderPlace}, "who": {"Ann Quixmaker"}})
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		if err != nil || response.Body.Close() != nil || response.Request.URL.Path != "/reports/saved" {
			t.Fatalf("%s at %s: %s", response.Status, response.Request.URL, text)
		}
		names[name] = filters
	}
	now = now.Add(25 * time.Hour)
	if err := d.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, _, list := get(t, site+"/reports/saved")
	found := seenDelivery.FindAllStringSubmatch(list, -1)
	if len(found) != 2 {
		t.Fatalf("the list tells %q of\n%s", found, list)
	}
	for _, match := range found {
		name, _, _ := strings.Cut(match[1], " ")
		got, err := os.ReadFile(filepath.Join(folder, match[1]))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, want := get(t, site+"/reports/observations.zip?"+names[name]); string(got) != want {
			t.Errorf("%s has other bytes than the page’s: %d, not %d", match[1], len(got), len(want))
		}
		told := 0
		for _, number := range numbers(unpacked(t, string(got))) {
			if _, secret := secrets[number]; secret {
				told++
			}
		}
		if (told == 0) != (name == "Published") {
			t.Errorf("%s tells %d true figures", match[1], told)
		}
	}
	for _, path := range []string{"/reports/saved", "/reports/save?audience=published", "/reports/saved/x/remove"} {
		if status, _, body := get(t, theirs+path); status != 404 || strings.Contains(body, "Quixmaker") {
			t.Errorf("the published site answers %s with %d", path, status)
		}
	}
}
