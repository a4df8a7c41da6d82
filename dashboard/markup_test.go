package dashboard

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestMarkupEscapes: whatever a figure's words hold stays text, and an address that is not
// one of this site is no link.
func TestMarkupEscapes(t *testing.T) {
	const hostile = `"></a><script>alert(1)</script><img src=x onerror=alert(1)>'&amp;`
	p := provenance{Rows: []string{hostile}, Short: hostile, Loads: []link{{Text: hostile, Address: "/data/runs/" + hostile}}, Retrieved: hostile}
	for name, markup := range map[string]string{
		"a note": string(notes([]note{{Short: hostile}, {Short: hostile, Full: hostile}})), "a row": string(figureTable{Numerator: hostile, Rows: []tableRow{{
			shown: shown{Period: hostile, Beside: hostile, Range: hostile, Notes: []note{{Short: hostile}}, Demonstration: true, From: p, Address: "/figure?x=" + hostile},
			Plain: hostile, LastYear: hostile, LastYearOf: hostile, Apart: true, Numerator: hostile, Denominator: hostile, Parts: true,
			Ways: ways{"/figure?" + hostile, "/figure?" + hostile, "/figure?" + hostile}}}}.Body()),
		"an option": string(options([]option{{Value: hostile, Text: hostile, Selected: true}})),
		"a number":  string(known(hostile, "/figure?x="+hostile)), "no address": string(known(hostile, "")), "provenance": string(p.HTML()),
	} {
		nodes, err := html.ParseFragment(strings.NewReader(markup), nil)
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		var walk func(n *html.Node)
		walk = func(n *html.Node) {
			if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "img") {
				t.Errorf("%s holds a %s: %s", name, n.Data, markup)
			}
			if n.Type == html.TextNode {
				said += n.Data
			}
			for c := range n.ChildNodes() {
				walk(c)
			}
		}
		for _, n := range nodes {
			walk(n)
		}
		if !strings.Contains(said, hostile) {
			t.Errorf("%s says %q", name, said)
		}
	}
	for _, address := range []string{"", "javascript:alert(1)", "//example.org/figure", "https://example.org/"} {
		if got := string(known("12", address)); got != "12" {
			t.Errorf("%q leads there: %s", address, got)
		}
	}
	if got, want := string(known("1,234", "/figure?a=b&c=d+e")), `<a class="known" href="/figure?a=b&amp;c=d+e" aria-label="1,234: how do you know?">1,234</a>`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
