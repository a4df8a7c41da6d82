package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
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
	allRules = `{type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}`
	// What a theme changes is colours: the other rules look at what stands on the page, which
	// is the same in all of them.
	colourRules = `{type: "rule", values: ["color-contrast", "link-in-text-block"]}`
	wholePage   = `document`
	// In a theme the first rows of each table stand for the others, which have its colours:
	// to look at each cell again takes most of the time.
	withoutLongTables = `{exclude: ["tbody tr:nth-child(n+13)"]}`
	onlyCharts        = `".chart"` // the only part that changes once they answer
)

// A theme is what readers may have asked their computer for.
type theme struct {
	name     string
	features [][2]string
}

var themes = []theme{
	{"dark", [][2]string{{"prefers-color-scheme", "dark"}}},
	{"high contrast", [][2]string{{"prefers-contrast", "more"}}},
	{"dark, high contrast", [][2]string{{"prefers-color-scheme", "dark"}, {"prefers-contrast", "more"}}},
	{"forced colours", [][2]string{{"forced-colors", "active"}}},
}

// browsersAtOnce share the pages between them: each has its own time.
const browsersAtOnce = 3

// TestAccessibility: axe-core finds nothing on any page, at the width of a desk, at
// 400%, which leaves 320 pixels of it, and in the colours of each theme.
func TestAccessibility(t *testing.T) {
	t.Parallel()
	all := everyPage(t)
	for part := range browsersAtOnce {
		t.Run(fmt.Sprint(part+1), func(t *testing.T) {
			t.Parallel()
			ctx := browser(t)
			for i := part; i < len(all); i += browsersAtOnce {
				accessible(t, ctx, all[i])
			}
		})
	}
}

func accessible(t *testing.T, ctx context.Context, page shownPage) {
	t.Helper()
	for _, size := range []struct {
		name          string
		width, height int64
		scale         float64
	}{{"at 400%", 320, 256, 4}, {"at 1280", 1280, 900, 1}} {
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(size.width, size.height, chromedp.EmulateScale(size.scale)), chromedp.Navigate(page.address), chromedp.WaitReady("body")); err != nil {
			t.Fatalf("%s: %v", page.name, err)
		}
		withAxe(t, ctx)
		breaks(t, ctx, page.name+" "+size.name, wholePage, allRules)
		if !page.charts {
			continue
		}
		if err := turnToCharts(ctx); err != nil {
			t.Fatalf("%s: %v", page.name, err)
		}
		breaks(t, ctx, page.name+" "+size.name+", its charts answering", onlyCharts, allRules)
	}
	inEachTheme(t, ctx, page.name)
}

// inEachTheme looks at the page that is open as readers of each theme see it.
func inEachTheme(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	for _, theme := range themes {
		emulate(t, ctx, theme.features...)
		breaks(t, ctx, name+", "+theme.name, withoutLongTables, colourRules)
	}
	emulate(t, ctx)
}

// withAxe brings axe-core into the page that is open.
func withAxe(t *testing.T, ctx context.Context) {
	t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[cdp.Empty](read(t, "node_modules/axe-core/axe.min.js")+";({})")); err != nil {
		t.Fatal(err)
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
