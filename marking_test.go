package main

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"stalkstats/dashboard"
	"stalkstats/dashboard/published"
	"stalkstats/internal/mail/mailtest"
)

var markedLine = regexp.MustCompile(`<p class="marking[^"]*">OFFICIAL-SENSITIVE</p>`)

// TestMarking: the force's own protective marking stands at the top and the bottom of
// every internal page and every sheet of paper, on charts that are taken away and in mails;
// on nothing of the published audience, which has its own.
func TestMarking(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	if err := p.etl.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	keeper := published.NewReader(p.reader, published.NewKeeper(p.reader, usualRules, time.Now, log))
	internal := dashboard.Options{Reader: p.reader, Published: keeper, Rules: usualRules, Home: p.cfg.Force, Actions: true, Version: "test", Logger: log,
		Ready: func(context.Context) error { return nil }, Now: time.Now, Markings: dashboard.Markings{Internal: "OFFICIAL-SENSITIVE", Published: "FOR EVERYBODY"}}
	public := internal
	public.Reader, public.Published, public.Audience, public.Actions = keeper, nil, dashboard.Published, false
	address, theirs := serving(t, internal), serving(t, public)
	for _, shown := range append(pages, shownPage{name: "no-page", address: "/none"}) {
		_, _, body := get(t, address+shown.address)
		if shown.name == "plan" { // it is made to be published
			if strings.Contains(body, "OFFICIAL") || strings.Count(body, "FOR EVERYBODY</p>") != 2 {
				t.Error("the plan that is made to be published has not its marking alone")
			}
			continue
		}
		if n := len(markedLine.FindAllString(body, -1)); n != 2 || !strings.Contains(body, "marking=OFFICIAL-SENSITIVE") || strings.Contains(body, "FOR EVERYBODY") {
			t.Errorf("%s has %d markings", shown.name, n)
		}
	}
	for _, shown := range publicPages() {
		if _, _, body := get(t, theirs+shown.address); strings.Contains(body, "OFFICIAL") || strings.Count(body, "FOR EVERYBODY</p>") != 2 {
			t.Errorf("%s has not the marking of what is published, and that alone", shown.name)
		}
	}
	const chart = "/charts/stalking_charges.svg"
	if _, _, body := get(t, address+chart); !strings.Contains(body, ">OFFICIAL-SENSITIVE</text>") {
		t.Error("a chart that is taken away has no marking")
	}
	if _, _, body := get(t, theirs+chart); strings.Contains(body, "OFFICIAL") {
		t.Error("a published chart has the marking of the force")
	}
	const mail = "/pack.eml?area=E23000026&page=/&page=/orders"
	for audience, want := range map[string]string{dashboard.Internal: "OFFICIAL-SENSITIVE", dashboard.Published: "FOR EVERYBODY"} {
		_, _, body := get(t, address+mail+"&audience="+audience)
		head, parts := mailtest.OpenFile(t, []byte(body))
		if !strings.HasPrefix(head.Get("Subject"), want+": ") || !strings.HasPrefix(parts.Text, want+"\n") || !strings.HasSuffix(parts.Text, "\n"+want+"\n") || strings.Count(parts.HTML, ">"+want+"</bdi>") != 2 {
			t.Errorf("the %s mail is not marked: %q, %.100q", audience, head.Get("Subject"), parts.Text)
		}
		if audience == dashboard.Published && strings.Contains(parts.Text+parts.HTML+head.Get("Subject"), "OFFICIAL") {
			t.Error("a published mail has the marking of the force")
		}
	}
	onEverySheet(t, address+packOf("/", "/orders", "/recommendations"), "OFFICIAL-SENSITIVE")
}

func serving(t *testing.T, o dashboard.Options) string {
	t.Helper()
	handler, err := dashboard.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// onEverySheet prints a page and finds words twice on each sheet, at its head and its foot.
func onEverySheet(t *testing.T, address, words string) {
	t.Helper()
	sheets := sheetsOf(t, address)
	for i, sheet := range sheets {
		if n := strings.Count(sheet, words); n < 2 {
			t.Errorf("sheet %d of %d says %q %d times", i+1, len(sheets), words, n)
		}
	}
	if len(sheets) < 3 {
		t.Errorf("%d sheets", len(sheets))
	}
}

// sheetsOf prints a page, and is the text of each sheet.
func sheetsOf(t *testing.T, address string) []string {
	t.Helper()
	ctx := browser(t)
	if err := chromedp.Do(ctx, chromedp.Navigate(address), chromedp.WaitReady("body")); err != nil {
		t.Fatal(err)
	}
	asStyled := true
	printed, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &asStyled})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "printed.pdf")
	if err := os.WriteFile(file, printed.Data, 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("pdftotext", "-layout", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\f"), "\f")
}
