package dashboard

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestPaper: every page asks for a foot with its area and its time, and
// whatever is asked for is words and no style.
func TestPaper(t *testing.T) {
	w := newWorks(t)
	body := w.get("/").Body.String()
	_, link, ok := strings.Cut(body, `<link rel="stylesheet" media="print" href="`)
	link, _, _ = strings.Cut(html.UnescapeString(link), `"`)
	if address, err := url.Parse(link); !ok || err != nil || address.Query().Get("foot") != "Not for publication. Figures as served on 14 October 2024, 10:30 BST. Bedfordshire" || address.Query().Get("at") != "/" {
		t.Fatalf("the page asks for %q", link)
	}
	if got := w.get(link); got.Code != http.StatusOK || got.Header().Get("Content-Type") != "text/css; charset=utf-8" ||
		!strings.Contains(got.Body.String(), `content: "Not for publication\00002e  Figures as served on 14 October 2024\00002c  10\00003a 30 BST\00002e  Bedfordshire\a localhost\00003a 8080\00002f ";`) {
		t.Errorf("%d, %q", got.Code, got.Body.String())
	}
	for page, want := range map[string][2]string{
		"/":                          {"Not for publication. Figures as served on 14 October 2024, 10:30 BST. Bedfordshire", ""},
		"/measures/stalking_charges": {"Not for publication. Figures to 31 January 2024, as served on 14 October 2024, 10:30 BST", "Bedfordshire: Stalking charges"},
	} {
		_, link, _ := strings.Cut(w.get(page).Body.String(), `<link rel="stylesheet" media="print" href="`)
		link, _, _ = strings.Cut(html.UnescapeString(link), `"`)
		if address, err := url.Parse(link); err != nil || [2]string{address.Query().Get("foot"), address.Query().Get("of")} != want {
			t.Errorf("%s: the foot is asked for as %q", page, link)
		}
	}
	if got := w.get("/paper.css?foot=x&of=a%22b&at=/c").Body.String(); !strings.Contains(got, `content: "x\a a\000022 b\a localhost`) {
		t.Errorf("what a page shows has no line of its own: %q", got)
	}
	hostile := "\"; } } body { display: none } \\\n/* </style> é"
	got := w.get(paperAddress(hostile, hostile, hostile, hostile)).Body.String()
	if strings.Count(got, "{") != 4 || strings.Count(got, `"`) != 4 || strings.Contains(got, "<") || strings.Contains(got, "/*") || !strings.Contains(got, "é") {
		t.Errorf("%q", got)
	}
	if got := w.get("/paper.css?foot=" + strings.Repeat("x", 5000)).Body.String(); len(got) > 300 {
		t.Errorf("%d bytes", len(got))
	}
	if got := w.get("/paper.css?foot=" + strings.Repeat("x", longestFoot+1)).Body.String(); !strings.Contains(got, strings.Repeat("x", longestFoot-1)+`\002026 "`) {
		t.Errorf("words that are cut do not show it: %q", got)
	}
	if plan := html.UnescapeString(w.get("/recommendations/plan").Body.String()); strings.Contains(plan, "Not+for+publication") || !strings.Contains(plan, "foot=Figures+as+served") {
		t.Error("the plan that is made to be published forbids it at its foot")
	}
	if plan := html.UnescapeString(w.get("/recommendations/plan?figures=yes").Body.String()); !strings.Contains(plan, "Not+for+publication") {
		t.Error("the plan with true figures may be published, by its foot")
	}
	if got := w.get("/paper.css?foot=x&at=" + strings.Repeat("y", 5000)).Body.String(); strings.Contains(got, "y") && !strings.Contains(got, `content: "x";`) {
		t.Errorf("an address that is cut: %q", got)
	}
	if got := w.get("/paper.css?colour=red"); got.Code != http.StatusBadRequest {
		t.Errorf("another parameter: %d", got.Code)
	}
}
