package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// wait evaluates a script on whatever page is open until it answers true.
func wait(t *testing.T, ctx context.Context, what, source string) {
	t.Helper()
	last := ""
	for {
		found, err := chromedp.Run(ctx, chromedp.Evaluate[bool](source))
		if found {
			return
		}
		// While a page gives way to the next there is nothing to ask; the
		// browser's own time limit ends the waiting.
		if err != nil && ctx.Err() != nil {
			t.Fatalf("waited for %s: %v; the page was %q", what, ctx.Err(), last)
		}
		if title, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.title")); err == nil {
			last = title
		}
	}
}

// heading is a script that looks for a heading. Where the page is still that of a request
// which is not done, as after some seconds on a busy machine, it looks again as its reader
// would, once on each page.
func heading(text string) string {
	return `(() => {
		const again = [...document.querySelectorAll("main a")].find(a => a.textContent === "Look again");
		if (again && !window.looked) { window.looked = true; again.click() }
		return document.querySelector("h1") !== null && document.querySelector("h1").textContent.includes("` + text + `")
	})()`
}

// TestADataOwnerMendsAFigure goes the whole way in a browser: send a corrected
// return, see what it would change, publish it, find the figure marked as
// revised and the revision in the log, and take it back.
func TestADataOwnerMendsAFigure(t *testing.T) {
	t.Parallel()
	address, p := site(t)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { p.etl.TakeUp(ctx, ctx); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })

	text, err := os.ReadFile("sample/force_return.csv")
	if err != nil {
		t.Fatal(err)
	}
	mended := bytes.Replace(text, []byte("E23000026,2022-01,stalking_recorded,,,77,,demonstration"), []byte("E23000026,2022-01,stalking_recorded,,,78,,demonstration"), 1)
	if bytes.Equal(mended, text) {
		t.Fatal("the return does not hold the row that is to be mended")
	}
	file := filepath.Join(t.TempDir(), "mended return.csv")
	if err := os.WriteFile(file, mended, 0o600); err != nil {
		t.Fatal(err)
	}

	b := browser(t)
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(b, steps...); err != nil {
			t.Fatal(err)
		}
	}
	shows := func(parts ...string) {
		t.Helper()
		body, err := chromedp.Run(b, chromedp.Evaluate[string](`document.body.innerText.replace(/\s+/g, " ")`))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range parts {
			if !strings.Contains(body, part) {
				t.Errorf("the page does not say %q:\n%s", part, body)
			}
		}
	}
	do(chromedp.Navigate(address+"/data/sources/force_return"), chromedp.SendKeys("#who", "A. Owner"),
		chromedp.SetUploadFiles("#file", []string{file}), chromedp.Click(`form[enctype] button`))
	wait(t, b, "the check", heading("checked"))
	shows("Nothing has been published.", "1 changed", "mended return.csv", "Asked by A. Owner", "77 78")

	do(chromedp.Click("ul.actions a.govuk-button"))
	wait(t, b, "the confirmation", `document.querySelector("form.work #who") !== null`)
	do(chromedp.SendKeys("#who", "A. Owner"), chromedp.Click("form.work button"))
	wait(t, b, "the publication", heading("published"))

	do(chromedp.Navigate(address + "/data/revisions"))
	shows("1 figure", "77", "78", "mended return.csv")
	do(chromedp.Navigate(address + "/measures/stalking_recorded?area=E23000026"))
	shows("78 r")

	do(chromedp.Navigate(address + "/data/sources/force_return"))
	newest, err := chromedp.Run(b, chromedp.Evaluate[string](`document.querySelector("td ~ td, th a.moment").closest("tr").querySelector("a.moment").getAttribute("href")`))
	if err != nil {
		t.Fatal(err)
	}
	do(chromedp.Navigate(address+"/data/releases/"+filepath.Base(newest)+"/withdraw"), chromedp.SendKeys("#who", "A. Owner"),
		chromedp.SendKeys("#why", "the correction was wrong"), chromedp.Click("form.work button"))
	wait(t, b, "the withdrawal", heading("withdraw"))
	shows("the correction was wrong")
	do(chromedp.Navigate(address + "/measures/stalking_recorded?area=E23000026"))
	shows("77 r")
}
