package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"stalkstats/dashboard/pagetest"
)

// opened is the page at an address, which must be there.
func opened(t *testing.T, address string) *html.Node {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	root, err := html.Parse(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, error %v", address, answer.StatusCode, err)
	}
	return root
}

func said(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// TestEveryNumberSaysHowItIsKnown follows every number of a table to its page,
// which must have the same number, in large and in its title.
func TestEveryNumberSaysHowItIsKnown(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	shown := map[string]string{} // what a number says, by where it leads
	for _, page := range []string{"/", "/measures/charge_rate?area=K04000001", "/measures/stalking_recorded?area=E23000026", "/measures/spo_people_granted?area=E23000026", "/orders", "/orders?area=K04000001", "/measures", "/compare", "/changes?since=2024-09-27", "/recommendations", "/recommendations/E2"} {
		for _, a := range pagetest.Elements(opened(t, address+page), "", "known") {
			shown[pagetest.Attribute(a, "href")] = said(a)
			if want := said(a) + ": how do you know?"; pagetest.Attribute(a, "aria-label") != want {
				t.Errorf("%s: a reader who cannot see hears %q, want %q", page, pagetest.Attribute(a, "aria-label"), want)
			}
		}
	}
	if len(shown) < 250 {
		t.Fatalf("only %d numbers lead to a page", len(shown))
	}
	checked := 0
	for to, number := range shown {
		// One in seven of them, and every rate: each takes a while.
		if checked++; checked%7 != 0 && !strings.Contains(to, "rate") {
			continue
		}
		root := opened(t, address+to)
		large, title := said(pagetest.Elements(root, "", "figure-large")[0]), ""
		for n := range root.Descendants() {
			if n.Type == html.ElementNode && n.Data == "h1" {
				title = said(n)
			}
		}
		bare := number
		if number[0] >= '0' && number[0] <= '9' { // what follows is a unit or a period
			bare = strings.TrimSuffix(strings.Fields(number)[0], "%")
		}
		if !strings.HasPrefix(large, bare) || !strings.Contains(title, " "+bare) {
			t.Errorf("%s shows %s, and its page says %q under %q", to, number, large, title)
		}
		if len(pagetest.Elements(root, "", "figure-rows")) != 1 || !strings.Contains(said(pagetest.Elements(root, "", "figure-rows")[0]), ".csv, row ") {
			t.Errorf("%s names no row of a file", to)
		}
	}
}

// TestFigureOfACorrectedFile: what a corrected file revised is told by the page
// of the figure, of each sum that it is in, and of each rate.
func TestFigureOfACorrectedFile(t *testing.T) {
	t.Parallel()
	address, p := site(t)
	run := p.correctReturn(t)
	for period, of := range map[string]string{"2022-01": "", "2022-01-01/2022-03-31": " Jan 2022", "2021/22 Q4": " Jan 2022"} {
		values := url.Values{"measure": {"stalking_charges"}, "area": {"E23000026"}, "source": {"force_return"}, "period": {period}}
		tables := pagetest.Elements(opened(t, address+"/figure?"+values.Encode()), "", "figure-revisions")
		if len(tables) != 1 || !strings.Contains(said(tables[0]), fmt.Sprintf("%s 7 8 +1 %s", of, run.ID[len(run.ID)-8:])) {
			t.Errorf("%s: the revision from 7 to 8 is not told", period)
		}
	}
	rate := opened(t, address+"/figure?measure=charge_rate&basis=outcomes&area=E23000026&source=force_return&period=2022-01")
	if got := said(pagetest.Elements(rate, "", "figure-revisions")[0]); !strings.Contains(got, "Stalking charges 7 8 +1") {
		t.Errorf("the page of the rate says %q", got)
	}
	untouched := opened(t, address+"/figure?measure=stalking_charges&area=E23000026&source=force_return&period=2022-02")
	if got := said(untouched); !strings.Contains(got, "It has not been revised since it was first published here on ") {
		t.Errorf("the page of a figure that stayed says %q", got)
	}
}
