package main

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/chromedp"
)

// TestAStatusIsEntered goes the whole way in a browser: send a form with a
// fault, mend it, find the entry in the history, and take it back. The browser
// must complain of nothing.
func TestAStatusIsEntered(t *testing.T) {
	t.Parallel()
	address, _ := site(t)
	b := browser(t)
	seen := &complaints{own: address}
	if err := chromedp.Listen(b, seen.listen); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(b, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(b, steps...); err != nil {
			t.Fatal(err)
		}
	}
	says := func(text string) string { return `document.body.innerText.includes("` + text + `")` }

	do(chromedp.Navigate(address+"/recommendations/3"), chromedp.Click(`main a.govuk-button`))
	wait(t, b, "the form", heading("recommendation 3"))
	do(chromedp.Click(`label[for="status-1"]`), chromedp.SendKeys("#update", "The work has begun."), chromedp.SendKeys("#evidence", "javascript:alert(1)"), chromedp.Click("form.work button"))
	wait(t, b, "the faults", heading("Nothing was kept: 2 answers need mending"))
	focused, err := chromedp.Run(b, chromedp.Evaluate[string](`document.activeElement.className + " " + document.querySelector("#update").value`))
	if err != nil || focused != "govuk-error-summary The work has begun." {
		t.Errorf("the focus and what was typed: %q, %v", focused, err)
	}
	do(chromedp.Evaluate[chromedp.Void](`void (document.querySelector("#evidence").value = "minutes")`), chromedp.SendKeys("#who", "A. Lead"), chromedp.Click("form.work button"))
	wait(t, b, "the entry", says("It is kept: in progress"))
	wait(t, b, "the timeline", `document.querySelectorAll("ol.timeline > li").length === 1`)

	do(chromedp.Click(`ol.timeline a[href*="take-back"]`))
	wait(t, b, "the question", heading("Take back"))
	do(chromedp.SendKeys("#who", "A. Lead"), chromedp.SendKeys("#why", "too early"), chromedp.Click("form.work button"))
	wait(t, b, "the entry taken back", says("counts no more"))
	wait(t, b, "the reason", says("too early"))
	for _, complaint := range seen.take() {
		if !strings.Contains(complaint, "status of 400") { // the form with its faults
			t.Error(complaint)
		}
	}
}
