package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestSheets: no page of paper ends with a sheet of a line or two, and each sheet says at
// its foot to which day the figures go, what it shows, and which sheet of how many it is.
func TestSheets(t *testing.T) {
	t.Parallel()
	sites := sample(t)
	for _, page := range []struct {
		address string
		foot    []string
	}{
		{sites.address + "/", []string{"Figures to 27 September 2024, as served ", "Bedfordshire"}},
		{sites.address + "/forces/E23000005", []string{"Figures to 31 March 2022, as served "}},
		{sites.address + "/measures", []string{"Figures to 27 September 2024, as served ", "Bedfordshire"}},
		{sites.address + "/measures/stalking_charges", []string{"Figures to 27 September 2024, as served ", "Bedfordshire: Stalking charges"}},
		{sites.address + "/measures/charge_rate", []string{"Bedfordshire: Charge rate"}},
		{sites.address + "/compare", []string{"Figures to 31 March 2022, as served ", "Bedfordshire: Charge rate (of all outcomes), year to Mar 2022, against all forces"}},
		{sites.address + "/orders", []string{"Figures to 27 September 2024, as served ", "Bedfordshire"}},
		{sites.address + "/orders?area=E23000006", []string{"Figures to 31 March 2022, as served ", "Cheshire"}},
		{sites.address + "/changes?since=2024-09-27", []string{"Figures to 27 September 2024, as served ", "Bedfordshire: since 27 September 2024"}},
		{sites.address + "/pack?page=/orders&page=/recommendations/plan", []string{"Figures to 27 September 2024, as served ", "Bedfordshire"}},
		{sites.public + "/measures/stalking_charges", []string{"Figures to 27 September 2024, as served ", "Bedfordshire: Stalking charges"}},
		{sites.public + "/compare", []string{"Figures to 31 March 2022, as served ", "year to Mar 2022"}},
	} {
		sheets := sheetsOf(t, page.address)
		for i, sheet := range sheets {
			for _, words := range append(page.foot, fmt.Sprintf("page %d of %d", i+1, len(sheets))) {
				if !strings.Contains(sheet, words) {
					t.Errorf("%s: sheet %d of %d does not say %q", page.address, i+1, len(sheets), words)
				}
			}
		}
		last := 0
		for line := range strings.Lines(sheets[len(sheets)-1]) {
			if strings.TrimSpace(line) != "" {
				last++
			}
		}
		if last < 12 { // up to five are of its foot
			t.Errorf("%s: the last of %d sheets has %d lines: %s", page.address, len(sheets), last, sheets[len(sheets)-1])
		}
	}
}
