package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard"
	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/published"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// usualRules are those of the default configuration.
var usualRules = disclosure.Rules{Threshold: 5, Rounding: 5}

// reportSite serves both audiences, over the default configuration.
func reportSite(t *testing.T) (address string, p pipeline, reader *published.Reader) {
	t.Helper()
	p = newPipeline(t)
	if err := p.etl.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	reader = published.NewReader(p.reader, published.NewKeeper(p.reader, usualRules, time.Now, slog.New(slog.DiscardHandler)))
	return serveReports(t, p, p.reader, reader), p, reader
}

func serveReports(t *testing.T, p pipeline, internal, outside dashboard.Reader) string {
	t.Helper()
	handler, err := dashboard.New(dashboard.Options{Reader: internal, Published: outside, Rules: usualRules, Home: p.cfg.Force, Version: "test",
		Logger: slog.New(slog.DiscardHandler), Ready: func(context.Context) error { return nil }, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// TestReportFiles: the CSV read by its description alone has the figures that
// were asked for; the zip has the same bytes, and the spreadsheet the same cells.
func TestReportFiles(t *testing.T) {
	address, p, reader := reportSite(t)
	for name, test := range map[string]struct {
		filters string
		figures iter.Seq2[stats.Figure, error]
		least   int
	}{
		"all":       {"", p.reader.Figures(t.Context(), query.Filter{}), 1000},
		"published": {"?audience=published", reader.Figures(t.Context(), query.Filter{}), 1000},
		"chosen": {"?area=E23000026&area=K04000001&measure=stalking_charges&measure=charge_rate&breakdown=totals&from=2021-04-01",
			p.reader.Figures(t.Context(), query.Filter{Areas: []string{"E23000026", stats.EnglandAndWales}, Measures: []string{"charge_rate", "stalking_charges"}, From: stats.Day(2021, 4, 1), Totals: true}), 10},
		"nothing": {"?from=2140-01-01", func(func(stats.Figure, error) bool) {}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			text, header := download(t, address+"/reports/observations.csv"+test.filters)
			link := regexp.MustCompile(`<([^>]+)>; rel="describedby"`).FindStringSubmatch(header.Get("Link"))
			if link == nil {
				t.Fatalf("Link: %q", header.Get("Link"))
			}
			description, _ := download(t, address+link[1])
			rows, err := readCSVW(description, text)
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) < test.least {
				t.Fatalf("only %d rows", len(rows))
			}
			sameFigures(t, rows, test.figures)
			files := unzipped(t, address+"/reports/observations.zip"+test.filters)
			if names := slices.Sorted(maps.Keys(files)); !slices.Equal(names, []string{"README.txt", "definitions.csv", "observations.csv", "observations.csv-metadata.json"}) {
				t.Fatalf("the zip holds %q", names)
			}
			if !bytes.Equal(files["observations.csv"], text) {
				t.Error("the CSV in the zip is not that of the address")
			}
			if again, err := readCSVW(files["observations.csv-metadata.json"], files["observations.csv"]); err != nil || len(again) != len(rows) {
				t.Errorf("the zip read by its own description: %d rows, %v", len(again), err)
			}
			if wants := map[bool]string{true: "Published: numbers under 5 hidden", false: "Internal: true figures"}[name == "published"]; !strings.Contains(string(files["README.txt"]), wants) {
				t.Errorf("the README does not say %q", wants)
			}
			workbook, _ := download(t, address+"/reports/observations.xlsx"+test.filters)
			sameCells(t, workbook, rows)
		})
	}
}

// TestReportPage: the page tells how many figures there are before anything is
// downloaded, shows the first, and keeps what was chosen in its address.
func TestReportPage(t *testing.T) {
	address, p, _ := reportSite(t)
	status, _, page := get(t, address+"/reports?show=yes&area=forces&measure=spo_granted&breakdown=totals&period=as_published&from=&to=&as_at=&audience=published")
	csv, _ := download(t, address+"/reports/observations.csv?measure=spo_granted&breakdown=totals&audience=published&area="+strings.Join(forceCodes(t, p), "&area="))
	rows := strings.Count(string(csv), "\r\n") - 1
	if status != 200 || rows < 30 || !strings.Contains(page, plainCount(rows)+" figures fit what you chose") {
		t.Errorf("status %d; the page does not say %d", status, rows)
	}
	hidden := strings.Count(string(csv), ",,c,")
	for _, says := range []string{plainCount(hidden) + " figures are hidden, marked c: a count above 0 and under 5", "The first 20 rows, as they stand in the CSV",
		`<option value="published" selected>`, `<option value="totals" selected>`, `value="spo_granted" checked`, "http://127.0.0.1:"} {
		if hidden == 0 || !strings.Contains(page, says) {
			t.Errorf("the page does not say %q", says)
		}
	}
	for _, name := range []string{"csv", "csv-metadata.json", "zip", "xlsx"} {
		link := regexp.MustCompile(`href="(/reports/observations\.` + regexp.QuoteMeta(name) + `\?[^"]*)"`).FindStringSubmatch(page)
		if link == nil {
			t.Fatalf("the page does not lead to the %s", name)
		}
		text, _ := download(t, address+strings.ReplaceAll(link[1], "&amp;", "&"))
		if name == "csv" && !bytes.Equal(text, csv) {
			t.Error("the page leads to another CSV")
		}
	}
}

// plainCount is a count under a thousand as a page has it.
func plainCount(n int) string { return strconv.Itoa(n) }

func forceCodes(t *testing.T, p pipeline) []string {
	t.Helper()
	areas, err := p.reader.Areas(t.Context(), query.Latest)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, force := range areas.Forces() {
		codes = append(codes, force.Code)
	}
	return codes
}

// TestBadReports: what cannot be asked for has one answer in every form, before
// anything is sent.
func TestBadReports(t *testing.T) {
	t.Parallel()
	address, _, _ := reportSite(t)
	for query, want := range map[string]struct {
		status int
		says   string
	}{
		"as_at=1999-01-01":                               {400, "as_at: nothing was published by 1999-01-01."},
		"as_at=1999-01-01&audience=published":            {400, "as_at: nothing was published for this audience by 1999-01-01."},
		"from=2023-02-29":                                {400, "from: 2023-02-29 is no day."},
		"breakdown=shoe_size":                            {400, "There is no breakdown &#34;shoe_size&#34;: there are totals and all."},
		"source=somewhere":                               {400, "There is no source &#34;somewhere&#34;."},
		"audience=everybody":                             {400, "There is no audience &#34;everybody&#34;"},
		"area=Bedfordshire%00%E2%80%AE":                  {400, `there is no area &#34;Bedfordshire\x00\u202e&#34;`},
		"area=" + strings.Repeat("E23000026&area=", 400): {400, "area is given 401 times"},
		"area=" + strings.Repeat("x", 100_000):           {414, "The address is longer than 24576 characters."},
		"area=%zz":                                       {400, "cannot be read"},
	} {
		for _, file := range []string{"observations.csv?", "observations.csv-metadata.json?", "observations.zip?", "observations.xlsx?", "../reports?show=yes&"} {
			path, err := url.JoinPath("/reports/", strings.SplitN(file, "?", 2)[0])
			if err != nil {
				t.Fatal(err)
			}
			status, kind, body := get(t, address+path+"?"+strings.SplitN(file, "?", 2)[1]+query)
			if status != want.status || !strings.HasPrefix(kind, "text/html") || !strings.Contains(body, want.says) {
				t.Errorf("%s %.60s: %d %s, want %d and %q", file, query, status, kind, want.status, want.says)
			}
		}
	}
}

// breaking hands out some figures, and then fails.
type breaking struct {
	*query.Reader
	after int
}

var errLost = errors.New("the connection was lost")

// Figures is the figures of the embedded reader up to where it breaks.
func (b breaking) Figures(ctx context.Context, f query.Filter) iter.Seq2[stats.Figure, error] {
	return func(yield func(stats.Figure, error) bool) {
		n := 0
		for figure, err := range b.Reader.Figures(ctx, f) {
			if n == b.after {
				yield(stats.Figure{}, errLost)
				return
			}
			if n++; !yield(figure, err) {
				return
			}
		}
	}
}

// leaving is a reader who goes away at the tenth figure.
type leaving struct {
	*query.Reader
	leave context.CancelFunc
	after chan error // what the question ended with
}

// Figures is the figures of the embedded reader; it waits until what asks is told to stop.
func (l leaving) Figures(ctx context.Context, f query.Filter) iter.Seq2[stats.Figure, error] {
	return func(yield func(stats.Figure, error) bool) {
		n := 0
		for figure, err := range l.Reader.Figures(ctx, f) {
			if n++; n == 10 {
				l.leave()
				<-ctx.Done()
				l.after <- ctx.Err()
				yield(stats.Figure{}, ctx.Err())
				return
			}
			if !yield(figure, err) {
				return
			}
		}
	}
}

// TestReaderLeaves: what a reader asked for is stopped when the reader goes away.
func TestReaderLeaves(t *testing.T) {
	_, p, reader := reportSite(t)
	for _, path := range []string{"/reports?show=yes", "/reports/observations.zip", "/reports/observations.xlsx"} {
		ctx, leave := context.WithCancel(t.Context())
		after := make(chan error, 1)
		address := serveReports(t, p, leaving{p.reader, leave, after}, reader)
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			response.Body.Close()
			t.Errorf("%s was answered", path)
		}
		if err := <-after; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", path, err)
		}
		leave()
	}
}

// TestBrokenArchive: a zip that fails in the middle is a transfer that fails, and
// what came of it opens nowhere. A spreadsheet that fails is an error page.
func TestBrokenArchive(t *testing.T) {
	_, p, reader := reportSite(t)
	whole := serveReports(t, p, p.reader, reader)
	broken := serveReports(t, p, breaking{p.reader, 1500}, reader)
	all, _ := download(t, whole+"/reports/observations.zip")
	response, err := http.Get(broken + "/reports/observations.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	part, err := io.ReadAll(response.Body)
	if err == nil || len(part) >= len(all) {
		t.Errorf("%d bytes came of %d, and no error", len(part), len(all))
	}
	if _, err := zip.NewReader(bytes.NewReader(part), int64(len(part))); err == nil {
		t.Error("what came opens as a zip")
	}
	early := serveReports(t, p, breaking{p.reader, 0}, reader)
	for _, address := range []string{early + "/reports/observations.zip", broken + "/reports/observations.xlsx", broken + "/reports?show=yes"} {
		if status, kind, _ := get(t, address); status != 500 || !strings.HasPrefix(kind, "text/html") {
			t.Errorf("%s: %d %s", address, status, kind)
		}
	}
}
