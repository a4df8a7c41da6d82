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

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"

	"stalkstats/dashboard"
	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/published"
	"stalkstats/dashboard/query"
	"stalkstats/dashboard/report"
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

func download(t *testing.T, address string) ([]byte, http.Header) {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v\n%.300s", address, response.StatusCode, err, body)
	}
	return body, response.Header
}

func unzipped(t *testing.T, address string) map[string][]byte {
	t.Helper()
	text, _ := download(t, address)
	archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, file := range archive.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[file.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// sameFigures holds rows to the figures that they are of.
func sameFigures(t *testing.T, rows []csvwRow, figures iter.Seq2[stats.Figure, error]) {
	t.Helper()
	n := 0
	for f, err := range figures {
		if err != nil {
			t.Fatal(err)
		}
		if n == len(rows) {
			t.Fatalf("there are only %d rows", n)
		}
		word := func(text string) any {
			if text == "" {
				return nil
			}
			return text
		}
		value := func(v stats.Value) any {
			if !v.Known {
				return nil
			}
			return v.Number
		}
		want := csvwRow{"measure": f.Measure, "area_code": f.Area, "period_start": f.Period.Start, "period_end": f.Period.End,
			"breakdown": word(f.Breakdown), "breakdown_value": word(f.BreakdownValue), "value": value(f.Value), "value_note": nil,
			"numerator": value(f.Numerator), "denominator": value(f.Denominator), "lower_95": value(f.Lower95), "upper_95": value(f.Upper95),
			"basis": word(f.Basis), "source": f.Source, "release": f.Releases, "retrieved_at": f.RetrievedAt.UTC().Truncate(time.Second), "note": word(f.Note)}
		if f.Value.Markers != "" {
			want["value_note"] = strings.Fields(string(f.Value.Markers))
		}
		got := csvwRow{}
		for column := range want {
			got[column] = rows[n][column]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("row %d (-figure +CSV):\n%s", n+1, diff)
		}
		n++
	}
	if n != len(rows) {
		t.Errorf("%d rows of %d figures", len(rows), n)
	}
}

// sameCells holds the sheet of figures to the rows of the CSV, cell by cell and
// by type, and the workbook to what the guidance wants of one.
func sameCells(t *testing.T, text []byte, rows []csvwRow) {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	sheets := []string{"Cover", "Notes", "Columns", "Measures", "Sources", "Figures"}
	if diff := cmp.Diff(sheets, book.GetSheetList()); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
	for _, sheet := range sheets {
		merged, err := book.GetMergeCells(sheet)
		if err != nil || len(merged) > 0 {
			t.Errorf("%s: merged %v, %v", sheet, merged, err)
		}
		tables, err := book.GetTables(sheet)
		if want := map[bool]int{true: 0, false: 1}[sheet == "Cover" || sheet == "Figures" && len(rows) == 0]; err != nil || len(tables) != want {
			t.Errorf("%s: %d tables, want %d, %v", sheet, len(tables), want, err)
		}
		if panes, err := book.GetPanes(sheet); sheet != "Cover" && (err != nil || !panes.Freeze || panes.YSplit != 3) {
			t.Errorf("%s: panes %+v, %v", sheet, panes, err)
		}
	}
	cells, err := book.GetRows("Figures", excelize.Options{RawCellValue: true})
	if err != nil || len(cells) != 3+len(rows) {
		t.Fatalf("%d rows, want %d and three above; %v", len(cells), len(rows), err)
	}
	for n, row := range rows {
		for i, c := range report.ObservationColumns {
			got := ""
			if i < len(cells[3+n]) {
				got = cells[3+n][i]
			}
			place, err := excelize.CoordinatesToCellName(i+1, 4+n)
			if err != nil {
				t.Fatal(err)
			}
			if !sameCell(got, row[c.Name]) {
				t.Fatalf("%s is %q, the CSV has %v", place, got, row[c.Name])
			}
			if n > 50 {
				continue // one cell after the other is asked for slowly
			}
			if kind, err := book.GetCellType("Figures", place); err != nil || got != "" && (kind == excelize.CellTypeInlineString) != (c.Datatype == "string") {
				t.Fatalf("%s of %s is a cell of type %v, %v", place, c.Name, kind, err)
			}
		}
	}
	noFormulas(t, text)
}

// sameCell compares what a sheet holds with what the CSV says: numbers to the 15
// digits that a sheet keeps, moments as days since the end of 1899.
func sameCell(got string, want any) bool {
	switch want := want.(type) {
	case nil:
		return got == ""
	case string:
		return got == want
	case []string:
		return got == strings.Join(want, " ") || got == strings.Join(want, "; ")
	case float64:
		number, err := strconv.ParseFloat(got, 64)
		return err == nil && cmp.Equal(number, want, cmpopts.EquateApprox(1e-14, 0))
	case time.Time:
		number, err := strconv.ParseFloat(got, 64)
		return err == nil && cmp.Equal(number, want.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours()/24, cmpopts.EquateApprox(1e-12, 0))
	}
	return false
}

// noFormulas looks into the parts of a workbook for what a program would run, fetch or merge.
func noFormulas(t *testing.T, text []byte) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range archive.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		part, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if found := regexp.MustCompile(`<f[ >]|<mergeCell|<externalLink|TargetMode="External"|<hyperlink`).Find(part); found != nil {
			t.Errorf("%s has %s", file.Name, found)
		}
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
