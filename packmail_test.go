package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"html"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"

	"stalkstats/dashboard"
	"stalkstats/dashboard/picture"
	"stalkstats/internal/mail/mailtest"
	"stalkstats/internal/stats"
)

// largestMail is how many bytes the mail of a usual pack may have.
const largestMail = 1 << 20

// inMail is what the pages of a usual pack show.
var inMail = []string{"/", "/changes", "/recommendations", "/recommendations/plan", "/orders", "/compare", "/measures/stalking_charges"}

var shownPicture = regexp.MustCompile(`<img src="cid:([^"]+)" alt="([^"]+)"`)

// mailOf is the mail of a pack, as a file that a mail program opens.
func mailOf(t *testing.T, address string) mailtest.Parts {
	t.Helper()
	status, kind, body := get(t, address)
	if status != 200 || kind != "message/rfc822" {
		t.Fatalf("%d, %s: %.300s", status, kind, body)
	}
	if len(body) > largestMail {
		t.Errorf("the mail has %d bytes", len(body))
	}
	sent, parts := mailtest.OpenFile(t, []byte(body))
	if sent.Get("To") != "" || sent.Get("From") != "" || sent.Get("Subject") == "" {
		t.Errorf("header %v", sent)
	}
	return parts
}

// TestPackTellsTheDayOfItsPages: the newest figure of a pack is that of the pages in it, in the
// mail and on the cover, and not of what stands on other pages.
func TestPackTellsTheDayOfItsPages(t *testing.T) {
	address := sample(t).address
	for says, pages := range map[string][]string{
		"ends on 31 March 2022":     {"/compare?measure=charge_rate&period=2021/22"},
		"ends on 27 September 2024": {"/compare?measure=charge_rate&period=2021/22", "/measures/stalking_charges"},
		"there is none":             {"/recommendations/plan"},
	} {
		pack := packOf(pages...)
		if parts := mailOf(t, address+strings.Replace(pack, "/pack?", "/pack.eml?", 1)); !strings.Contains(parts.Text, "Newest figure: "+says) {
			t.Errorf("%q: the mail says %.600s", pages, parts.Text)
		}
		if _, _, body := get(t, address+pack); !strings.Contains(body, "<dt>Newest figure</dt> <dd>"+says+"</dd>") {
			t.Errorf("%q: the cover does not say %s", pages, says)
		}
	}
}

// TestPackMail: the mail of a pack has every chart as a picture that shows something,
// with words for who does not see it; and the figures of its tables as text.
func TestPackMail(t *testing.T) {
	address := sample(t).address
	parts := mailOf(t, address+strings.Replace(packOf(inMail...), "/pack?", "/pack.eml?", 1))
	shown := shownPicture.FindAllStringSubmatch(parts.HTML, -1)
	if len(shown) < 10 || strings.Contains(parts.HTML, "could not be made") {
		t.Errorf("%d charts are shown", len(shown))
	}
	met := map[string]bool{}
	for _, picture := range shown {
		met[picture[1]] = true
		if alt := html.UnescapeString(picture[2]); !strings.Contains(parts.Text, alt) || len(alt) < 40 {
			t.Errorf("the text does not say %q", alt)
		}
		read, err := png.Decode(bytes.NewReader(parts.Pictures[picture[1]]))
		if err != nil {
			t.Fatalf("%s: %v", picture[1], err)
		}
		if colours := coloursOf(read.At, read.Bounds().Dx(), read.Bounds().Dy()); colours < 3 {
			t.Errorf("%s has %d colours", picture[1], colours)
		}
	}
	if len(met) != len(parts.Pictures) {
		t.Errorf("%d pictures come with it and %d are shown", len(parts.Pictures), len(met))
	}
	for _, says := range []string{"stalking charges from 1 January to 27 September 2024 are 151, against 96", "Not for publication.", "Figures as at", "demonstration",
		"Aug 2024 (demonstration) | 17 | 12", "Bedfordshire | 5.4 | 53 | 985 | 4.1 to 7.0 | inside the limits", "From 1 January to 27 September 2024: 215", "The newest 12 of 35 periods"} {
		if !strings.Contains(parts.Text, says) {
			t.Errorf("the text does not say %q", says)
		}
	}
	for _, says := range []string{"Enter a status", " comes from force_return", " load ", "Who can enter its wording", ".csv, row", "thick edge"} {
		if strings.Contains(parts.Text, says) {
			t.Errorf("the text says %q", says)
		}
	}
	looksLikeAMail(t, parts)
}

// mailState is what a browser shows of a mail.
type mailState struct {
	Pictures  int `json:"pictures"`  // that are shown
	Described int `json:"described"` // that say what they show
	Figures   int `json:"figures"`   // cells of tables with a number
}

// looksLikeAMail opens a mail in a browser, with its pictures and without, also as wide as
// phones: the same figures and words are there, nothing is wider, and axe-core finds nothing.
func looksLikeAMail(t *testing.T, parts mailtest.Parts) {
	t.Helper()
	source, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	ctx := browser(t)
	shown := parts.HTML
	for id, content := range parts.Pictures {
		shown = strings.ReplaceAll(shown, "cid:"+id, "data:image/png;base64,"+base64.StdEncoding.EncodeToString(content))
	}
	states := map[string]mailState{}
	for name, page := range map[string]string{"shown": shown, "blocked": parts.HTML} {
		server := served(t, page)
		for _, width := range []int64{800, 390, 320} {
			what := fmt.Sprintf("mail-%s-%d", name, width)
			if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(server), chromedp.WaitReady("body")); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			state, err := chromedp.Run(ctx, chromedp.Evaluate[mailState](`({
				pictures: [...document.images].filter((i) => i.naturalWidth > 100).length,
				described: [...document.images].filter((i) => i.alt.length > 20).length,
				figures: [...document.querySelectorAll("td")].filter((c) => /^[0-9]/.test(c.textContent.trim())).length,
			})`))
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			states[what] = state
			fits(t, ctx, what, width)
			if _, err := chromedp.Run(ctx, chromedp.Evaluate[cdp.Empty](string(source)+";({})")); err != nil {
				t.Fatal(err)
			}
			breaks(t, ctx, what, wholePage, mailRules)
			if folder := os.Getenv("STALKSTATS_PICTURES"); folder != "" {
				seen, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
				if err == nil {
					err = os.WriteFile(filepath.Join(folder, what+".png"), seen, 0o644)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	with, without := states["mail-shown-800"], states["mail-blocked-800"]
	if with.Pictures < 10 || without.Pictures != 0 || with.Described != with.Pictures || without.Described != with.Described || without.Figures != with.Figures || without.Figures < 200 {
		t.Errorf("with pictures %+v, without %+v", with, without)
	}
}

// served is the address of the HTML of a mail.
func served(t *testing.T, page string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// fits reports what of a mail that the browser shows stands out on its right: on a phone
// that could be who may have it.
func fits(t *testing.T, ctx context.Context, what string, width int64) {
	t.Helper()
	beyond, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("body, body *")]
		.filter((e) => e.getBoundingClientRect().right > innerWidth || e.scrollWidth > innerWidth)
		.map((e) => e.tagName + " to " + Math.ceil(e.getBoundingClientRect().right) + ": " + e.textContent.trim().slice(0, 40))`))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if len(beyond) > 0 {
		t.Errorf("%s: %d elements are wider than %d pixels: %.500q", what, len(beyond), width, beyond)
	}
}

// mailRules are the rules for a document that has no regions: a mail stands in the page
// of a mail program.
const mailRules = `{type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}`

func coloursOf[C comparable](at func(x, y int) C, width, height int) int {
	seen := map[C]bool{}
	for y := range height {
		for x := range width {
			seen[at(x, y)] = true
		}
	}
	return len(seen)
}

// TestPackMailForThePublished has the charts of the site for everybody, to the pixel, and
// tells no true figure in any of its parts.
func TestPackMailForThePublished(t *testing.T) {
	p := newPipeline(t)
	for _, source := range []string{"areas", "measures", "series_breaks", "recommendation_register", "recommendation_progress"} {
		p.run(t, source, "")
	}
	if run := p.run(t, "force_return", telltales(t)); run.Outcome != stats.Published {
		t.Fatalf("run %+v", run)
	}
	address, _, _ := p.savingSite(t, telltale, time.Now)
	theirs, reader := publishedSite(t, p, telltale)
	secrets := p.secrets(t, reader)
	pages := []string{"/", "/orders", "/measures/stalking_charges", "/measures/charge_rate", "/compare", "/recommendations"}
	told := func(parts mailtest.Parts) (n int) {
		for _, number := range numbers(parts.Text + parts.HTML) {
			if _, secret := secrets[number]; secret {
				n++
			}
		}
		return n
	}
	mail := strings.Replace(packOf(pages...), "/pack?", "/pack.eml?", 1)
	if n := told(mailOf(t, address+mail)); n < 20 {
		t.Errorf("the mail of the force tells %d true figures", n)
	}
	parts := mailOf(t, address+mail+"&audience="+dashboard.Published)
	if n := told(parts); n > 0 {
		t.Errorf("the mail for everybody tells %d true figures", n)
	}
	for _, says := range []string{"Overview: /", ": /orders", ": /measures"} {
		if strings.Contains(parts.Text, says) || strings.Contains(parts.HTML, says) {
			t.Errorf("the mail says %q, which leads whoever has it nowhere", says)
		}
	}
	if !strings.Contains(parts.Text, "1. Overview: ") || !strings.Contains(parts.Text, "2. Stalking Protection Orders: ") {
		t.Errorf("what it says is without the names of its pages: %.600s", parts.Text)
	}
	ctx, shown := browser(t), served(t, parts.HTML)
	for _, width := range []int64{390, 320} {
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(shown), chromedp.WaitReady("body")); err != nil {
			t.Fatal(err)
		}
		fits(t, ctx, "published", width)
	}
	theirPictures := picturesOf(t, theirs, pages)
	for id, content := range parts.Pictures {
		if !slices.ContainsFunc(theirPictures, func(one []byte) bool { return bytes.Equal(one, content) }) {
			t.Errorf("%s is no chart of the site for everybody", id)
		}
	}
	if len(parts.Pictures) == 0 || len(theirPictures) < len(parts.Pictures) {
		t.Errorf("%d pictures, and that site has %d", len(parts.Pictures), len(theirPictures))
	}
	for _, path := range []string{mail, "/pack/save", "/pack"} {
		if status, _, _ := get(t, theirs+path); status != 404 {
			t.Errorf("the site for everybody answers %s with %d", path, status)
		}
	}
	if status, _, body := get(t, address+"/pack.eml?audience=published&page=/changes"); status != 400 || !strings.Contains(body, "cannot stand in a pack for the published audience") {
		t.Errorf("%d: %.300s", status, body)
	}
}

var drawnSVG = regexp.MustCompile(`(?s)<svg class="chart__drawn chart__drawn--(small|middle)"[^>]* (viewBox="[^"]+" width="\d+" height="\d+")[^>]*>(.*?)</svg>`)

// picturesOf is the charts of pages as pictures.
func picturesOf(t *testing.T, site string, pages []string) (all [][]byte) {
	t.Helper()
	var files [][]byte
	for _, name := range []string{"resvg.wasm", "arimo-latin-400-normal.woff2", "arimo-latin-ext-400-normal.woff2", "arimo-latin-700-normal.woff2", "arimo-latin-ext-700-normal.woff2"} {
		files = append(files, []byte(read(t, "dashboard/static/build/"+name)))
	}
	painter := picture.New(files[0], files[1:]...)
	for _, page := range pages {
		_, _, body := get(t, site+page)
		for _, svg := range drawnSVG.FindAllStringSubmatch(body, -1) {
			content, err := painter.PNG(t.Context(), []byte(`<svg xmlns="http://www.w3.org/2000/svg" `+svg[2]+`>`+svg[3]+`</svg>`))
			if err != nil {
				t.Fatalf("%s: %v", page, err)
			}
			all = append(all, content)
		}
	}
	return all
}
