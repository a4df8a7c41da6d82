package main

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"stalkstats/dashboard/pagetest"
)

// packOf is the address of a pack of pages of different makes.
func packOf(pages ...string) string {
	return "/pack?" + url.Values{"page": pages, "area": {"E23000026"}}.Encode()
}

// TestPack: the pages that an address names are one document: printed, it has a cover with
// the date of the figures, a list of what is in it, each page from a sheet of its own
// with its charts, and a number on every sheet.
func TestPack(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	chosen := []string{"/", "/measures/stalking_charges", "/compare", "/recommendations/plan"}
	status, _, body := get(t, address+packOf(chosen...))
	if status != 200 || strings.Count(body, `class="pack__part"`) != len(chosen) {
		t.Fatalf("%d: %.500s", status, body)
	}
	_, _, form := get(t, address+"/pack")
	pagetest.Validate(t, ".", map[string][]byte{"pack": []byte(body), "form": []byte(form)})
	for path, says := range map[string]string{
		packOf("/data"):                       "cannot stand in a pack",
		packOf("/pack?page=/"):                "cannot stand in a pack",
		packOf("https://example.org/orders"):  "is not the address of a page of this site",
		packOf("//example.org/orders"):        "is not the address of a page of this site",
		packOf("/measures/none"):              "of the pack is not there",
		"/pack?colour=red":                    "no parameter",
		"/pack?area=E23000026&area=E23000027": "more than once",
		packOf(strings.Split(strings.Repeat("/measures/spo_granted?area=E2300000", 21), "?area=E2300000")[:21]...): "",
	} {
		status, _, body := get(t, address+path)
		if says == "" { // the same page named often is one page
			if status != 200 {
				t.Errorf("%.80s answers %d", path, status)
			}
			continue
		}
		if status != 400 || !strings.Contains(body, says) {
			t.Errorf("%s answers %d, and does not say %q", path, status, says)
		}
		if !strings.Contains(body, `<a href="/pack">Choose the pages of a board pack</a>`) {
			t.Errorf("%s leads nowhere on", path)
		}
	}

	paper := filepath.Join(t.TempDir(), "pack.pdf")
	print := exec.CommandContext(t.Context(), chromium(t), "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", "--print-to-pdf="+paper, "--user-data-dir="+t.TempDir(), address+packOf(chosen...))
	if said, err := print.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if folder := os.Getenv("STALKSTATS_PICTURES"); folder != "" {
		content, err := os.ReadFile(paper)
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, "pack.pdf"), content, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	text, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", paper, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	sheets := strings.Split(strings.TrimSuffix(string(text), "\f"), "\f")
	if len(sheets) < 1+len(chosen) {
		t.Fatalf("%d sheets:\n%s", len(sheets), text)
	}
	for _, words := range []string{"Stalking in Bedfordshire: a board pack", "as served since", "Made", "What is in it", "Internal: true figures", "demonstration", "Found again at"} {
		if !strings.Contains(sheets[0], words) {
			t.Errorf("the cover does not say %q:\n%s", words, sheets[0])
		}
	}
	number := regexp.MustCompile(`page (\d+) of (\d+)`)
	begun := 0
	for i, sheet := range sheets {
		if m := number.FindStringSubmatch(sheet); m == nil || !strings.Contains(sheet, "Figures to 27 September 2024, as served since ") {
			t.Errorf("sheet %d has no number or no date:\n%s", i+1, sheet)
		}
		if first := strings.TrimSpace(sheet); regexp.MustCompile(`^\d\. `).MatchString(first) {
			begun++
		}
	}
	if begun != len(chosen) {
		t.Errorf("%d pages begin a sheet, want %d", begun, len(chosen))
	}
	if last := number.FindStringSubmatch(sheets[len(sheets)-1]); last == nil || last[1] != last[2] {
		t.Errorf("the last sheet is %v", last)
	}
}
