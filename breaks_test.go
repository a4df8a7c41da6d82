package main

import (
	"strings"
	"testing"
)

// TestBreaksOfTheReferenceData: outcomes assigned to stalking offences rest on
// recorded stalking, so what breaks the one series breaks the other, and every
// rate with either.
func TestBreaksOfTheReferenceData(t *testing.T) {
	t.Parallel()
	address := sample(t).address
	ctx := browser(t)
	says := func(page string) string {
		return script[string](t, ctx, address+page, `document.querySelector("main").textContent.replace(/\s+/g, " ")`)
	}
	outcomes := says("/measures/stalking_outcomes?area=K04000001")
	for _, want := range []string{"Series break, Apr 2020:", "95,676 31,699†", "† Recording rules changed in April 2020, and the sum is of other forces from April 2020 on: the two do not compare."} {
		if !strings.Contains(outcomes, want) {
			t.Errorf("outcomes of all forces lack %q: %s", want, outcomes)
		}
	}
	if rate := says("/measures/charge_rate?area=E23000026"); !strings.Contains(rate, "Series break, Jun 2023:") {
		t.Errorf("the rate of outcomes has no break: %s", rate)
	}
	caveat := "changed in April 2018, April 2020 and June 2023. The series of charges is not cut there:"
	if charges := says("/measures/stalking_charges?area=E23000026"); strings.Contains(charges, "Series break") || strings.Contains(charges, "†") || !strings.Contains(charges, caveat) {
		t.Errorf("charges have a break, or lack the caveat %q: %s", caveat, charges)
	}
	sums := says("/measures/stalking_charges?area=K04000001") // Greater Manchester gave none for 2019/20
	for _, want := range []string{"Series break, Apr 2020: From here on the sum is of other forces than before: the two sides do not compare. (sum of all forces)",
		"† The sum is of other forces from April 2020 on: the two do not compare.", caveat} {
		if !strings.Contains(sums, want) {
			t.Errorf("charges of all forces lack %q: %s", want, sums)
		}
	}
	overview := says("/")
	for _, want := range []string{"The same days of 2023 846 recording rules changed in June 2023: the two do not compare", "151 57.3% more than a year before"} {
		if !strings.Contains(overview, want) {
			t.Errorf("the overview lacks %q: %s", want, overview)
		}
	}
	if strings.Contains(overview, "7.0% more") {
		t.Error("recorded stalking of 2024 is compared with that of 2023")
	}
}
