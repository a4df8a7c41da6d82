package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"stalkstats/dashboard"
)

// A violation is a rule of axe-core that a page breaks, and where.
type violation struct {
	Rule  string   `json:"rule"`
	Help  string   `json:"help"`
	Where []string `json:"where"`
}

// axe runs axe-core on a part of what a browser shows: all rules that it has for
// WCAG 2.2 AA and its best practices, or only some.
const axe = `axe.run(%s, {resultTypes: ["violations"], runOnly: %s}).then(found =>
	found.violations.map(v => ({rule: v.id, help: v.help, where: v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + " " + (n.any[0]?.message ?? n.all[0]?.message ?? ""))})))`

const (
	allRules    = `{type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}`
	wholePage   = `document`
	onlyCharts  = `".chart"` // the only part that changes once they answer
	colourRules = `{type: "rule", values: ["color-contrast", "link-in-text-block"]}`
)

// TestAccessibility: axe-core finds nothing on any page, at the width of a desk and
// at 320 pixels, which is a desk at 400%, and in the colours that readers may ask
// their computer for.
func TestAccessibility(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	address, p := site(t)
	public, _ := publicSite(t, p, usualRules, slog.New(slog.DiscardHandler), dashboard.Public{SafeAddress: "https://www.example.org/", Contacts: []dashboard.Contact{helpline}})
	ctx := browser(t)
	for _, page := range append(at(address, pages), at(public, publicPages())...) {
		for _, width := range []int64{1280, 320} {
			if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(page.address), chromedp.WaitReady("body")); err != nil {
				t.Fatalf("%s: %v", page.name, err)
			}
			if _, err := chromedp.Run(ctx, chromedp.Evaluate[cdp.Empty](string(source)+";({})")); err != nil {
				t.Fatalf("%s: %v", page.name, err)
			}
			breaks(t, ctx, fmt.Sprintf("%s at %d", page.name, width), wholePage, allRules)
			if !page.charts {
				continue
			}
			if err := turnToCharts(ctx); err != nil {
				t.Fatalf("%s: %v", page.name, err)
			}
			breaks(t, ctx, fmt.Sprintf("%s at %d, its charts answering", page.name, width), onlyCharts, allRules)
		}
		for _, feature := range [][2]string{{"prefers-color-scheme", "dark"}, {"prefers-contrast", "more"}, {"forced-colors", "active"}} {
			emulate(t, ctx, feature)
			breaks(t, ctx, fmt.Sprintf("%s, %s: %s", page.name, feature[0], feature[1]), wholePage, colourRules)
		}
		emulate(t, ctx)
	}
}

func emulate(t *testing.T, ctx context.Context, features ...[2]string) {
	t.Helper()
	params := emulation.SetEmulatedMediaParams{}
	for _, f := range features {
		params.Features = append(params.Features, &emulation.MediaFeature{Name: f[0], Value: f[1]})
	}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, params); err != nil {
		t.Fatal(err)
	}
}

func breaks(t *testing.T, ctx context.Context, what, part, rules string) {
	t.Helper()
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]violation](fmt.Sprintf(axe, part, rules), chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, v := range found {
		t.Errorf("%s: %s (%s):\n\t%s", what, v.Help, v.Rule, strings.Join(v.Where, "\n\t"))
	}
}
