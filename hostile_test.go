package main

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// hostile is text that ends what it may stand in and begins something else: a
// script, a style, an attribute, a JSON text, a function of go-echarts, an element
// of SVG; and that turns the direction of what follows.
const hostile = "</script></style></text></title><script>window.hit=1</script><img src=x onerror=window.hit=1><svg onload=window.hit=1>" +
	"'\"`]]>--><!-- __f__window.hit=1__f__ {{.}} {b}<b> javascript:window.hit=1 \\u003cscript\u202eelif\u2066 =HYPERLINK(1)"

// quoted is the hostile text inside a quoted field of a CSV.
var quoted = strings.ReplaceAll(hostile, `"`, `""`)

// TestHostileFiles loads files whose names, notes and labels are hostile, and enters
// the same by hand. On every page for the force and for everybody, in a chart that is
// opened by itself and in the mail of a pack a browser runs nothing of it, asks for
// nothing, and complains of nothing.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	address, p := site(t)
	p.correct(t, "areas", strings.ReplaceAll(read(t, "schemas/reference/areas.csv"), ",Bedfordshire,", `,"Bedfordshire `+quoted+`",`))
	measures := read(t, "schemas/reference/measures.csv")
	for _, words := range []string{"Recorded stalking offences", "Stalking charges", "Charge rate"} {
		measures = strings.Replace(measures, ","+words+",", `,"`+words+" "+quoted+`",`, 1)
	}
	measures = strings.ReplaceAll(measures, "More recording can be good", quoted)
	p.correct(t, "measures", measures)
	p.correct(t, "force_return", strings.ReplaceAll(read(t, "sample/force_return.csv"), ",demonstration\n", `,"demonstration; `+quoted+"\"\n")+
		`E23000026,2024-08,stalking_charges,"kind `+quoted+`","value `+quoted+`",3,,"`+quoted+"\"\n")
	p.correct(t, "recommendation_register", strings.ReplaceAll(read(t, "sample/recommendation_register.csv"), "Review and refresh stalking learning and training.", `"`+quoted+`"`))
	p.correct(t, "recommendation_progress", strings.ReplaceAll(strings.ReplaceAll(read(t, "sample/recommendation_progress.csv"), "Crime registrar", `"`+quoted+`"`), "demonstration; An example of a first entry,", `"demonstration; `+quoted+`",`))
	entered := strings.NewReplacer("\u202e", "", "\u2066", "").Replace(hostile) // those are refused
	enter(t, address+"/recommendations/10/enter?area=E23000026", url.Values{"as_at": {"2025-01-10"}, "status": {"complete"}, "owner": {entered[:100]}, "update": {entered},
		"evidence": {"minutes " + entered[:100]}, "who": {entered[:60]}})
	enter(t, address+"/measures/stalking_charges/annotate?area=E23000026&kind=note", url.Values{"day": {"2024-03-01"}, "words": {entered[:200]}, "who": {entered[:60]}})

	public := helpedSite(t, p)
	ctx := browser(t)
	seen := listening(t, ctx, "http://127.0.0.1:")
	for name, part := range map[string][]shownPage{"force": at(address, pages), "everybody": at(public, publicPages())} {
		met := 0
		for _, page := range part {
			if _, err := look(ctx, page.address, 1280); err != nil {
				t.Fatalf("%s: %v", page.name, err)
			}
			if harmless(t, ctx, page.name, seen) {
				met++
			}
		}
		if met < len(part)/2 {
			t.Errorf("only %d of %d pages for %s show the hostile text", met, len(part), name)
		}
	}
	for _, chart := range []string{address + "/charts/stalking_charges.svg", address + "/charts/charge_rate.svg", address + "/charts/compare.svg", public + "/charts/stalking_charges.svg", public + "/charts/compare.svg"} {
		if err := chromedp.Do(ctx, chromedp.Navigate(chart)); err != nil {
			t.Fatalf("%s: %v", chart, err)
		}
		if !harmless(t, ctx, chart, seen) {
			t.Errorf("%s does not show the hostile text", chart)
		}
	}
	// A mail program may have no policy: what is in a mail must not be able to run at all.
	parts := mailOf(t, address+strings.Replace(packOf(inMail...), "/pack?", "/pack.eml?", 1))
	mail := parts.HTML
	for id, content := range parts.Pictures {
		mail = strings.ReplaceAll(mail, "cid:"+id, "data:image/png;base64,"+base64.StdEncoding.EncodeToString(content))
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(served(t, mail)), chromedp.WaitReady("body")); err != nil {
		t.Fatal(err)
	}
	if !harmless(t, ctx, "the mail", seen) {
		t.Error("the mail does not show the hostile text")
	}
	if strings.ContainsAny(parts.HTML+parts.Text, "\u202e\u2066") {
		t.Error("a mark in the mail turns the direction of text")
	}
}

// harmless finds that hostile text on what is open ran nothing, made nothing and asked for
// nothing, and reports whether it is shown.
func harmless(t *testing.T, ctx context.Context, name string, seen *complaints) (shown bool) {
	t.Helper()
	state, err := chromedp.Run(ctx, chromedp.Evaluate[hostileState](`({
		hit: "hit" in window,
		shown: document.documentElement.textContent.includes("window.hit=1"),
		made: [...document.querySelectorAll("script:not([src]):not([type='application/json']), [onerror], [onload], img:not([src^='data:image/png']), iframe, [href^='javascript' i], [src^='javascript' i]")].map(e => e.outerHTML.slice(0, 200)),
	})`))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if state.Hit || len(state.Made) > 0 {
		t.Errorf("%s: it ran: %v; it made %q", name, state.Hit, state.Made)
	}
	for _, complaint := range seen.take() {
		t.Errorf("%s: %s", name, complaint)
	}
	return state.Shown
}

// hostileState is what a script finds on a page: whether hostile text ran, whether
// it is shown as text, and elements that no page of ours has.
type hostileState struct {
	Hit   bool     `json:"hit"`
	Shown bool     `json:"shown"`
	Made  []string `json:"made"`
}

// enter sends a form as the page of its address does.
func enter(t *testing.T, address string, form url.Values) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusSeeOther {
		said, _ := io.ReadAll(response.Body)
		t.Fatalf("%s: %s: %s", address, response.Status, said)
	}
}
