package parse

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

func testOffences(t *testing.T, configured map[string]string) *offences {
	t.Helper()
	o, err := newOffences(Input{File: "f.csv", Settings: Settings{Offences: configured}})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestVerdict(t *testing.T) {
	o := testOffences(t, map[string]string{"Stalking / Harassment": Stalking, "Harassment": Stalking, "8/65": Excluded, "Odd wording": Excluded})
	counts, out := verdict{counts: true}, verdict{excluded: true}
	for wording, want := range map[string]verdict{
		"Stalking":                                    counts,
		"  STALKING   offences ":                      counts,
		"Stalking involving fear of violence":         counts,
		"Stalking involving serious alarm / distress": counts,
		"Stalking without fear/alarm/distress":        counts,
		"Pursue course of conduct in breach of S1 1 which amounts to stalking": counts,
		"195/12":                             counts,
		"008/66":                             counts,
		"8q":                                 counts,
		"stalking/harassment":                counts, // configured
		"Harassment":                         counts, // configured, against the default
		"8/65":                               out,    // configured, against the default
		"odd  WORDING":                       out,
		"Malicious communications":           out,
		"Theft from a shop":                  {excluded: true, wording: "theft from a shop"},
		"Racially aggravated stalking":       {wording: "racially aggravated stalking"},
		"Stalking of Jane Doe":               {wording: "stalking of […]"},
		"Cyberstalking":                      {wording: "[…]"},
		"Stalking 8/65":                      {wording: "stalking 8/65"},
		"00865":                              {wording: "[…]"},
		"195/12/1":                           {wording: "[…]"},
		"195-12":                             {wording: "[…]"},
		"s.2A PHA 1997":                      {wording: "[…]"},
		"Section 4A(1)(b) harassment":        {wording: "section […] harassment"},
		"Harassment s4A Public Order Act":    {excluded: true, wording: "harassment […] public order act"},
		"105/01":                             {excluded: true, wording: "105/1"},
		"Assault - 12 Acacia Avenue LU1 1AA": {excluded: true, wording: "assault […]"},
		"Jane Doe":                           {excluded: true, wording: "[…]"},
		"14/02/1987":                         {excluded: true, wording: "[…]"},
		"14/02 or 2/14":                      {excluded: true, wording: "[…] or […]"},
		"Jane/Doe theft/harassment":          {excluded: true, wording: "[…] theft/harassment"},
		"--- , ;":                            {excluded: true, wording: "[…]"},
		"1/1/1990":                           {excluded: true, wording: "[…]"},
		strings.Repeat("theft ", 40):         {excluded: true, wording: strings.Repeat("theft ", 16) + "[…]"},
	} {
		if diff := cmp.Diff(want, o.verdict([]byte(wording)), cmp.AllowUnexported(verdict{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", wording, diff)
		}
	}
}

// TestDefaultOffences: everything that is mapped to stalking is a wording that
// looks like it, so that no default can hide a slip.
func TestDefaultOffences(t *testing.T) {
	n := 0
	for wording, counts := range DefaultOffences() {
		if looksLikeStalking(foldOffence(wording)) != (counts == Stalking) {
			t.Errorf("%q counts as %s", wording, counts)
		}
		if counts == Stalking {
			n++
		}
	}
	if n < 8 {
		t.Errorf("only %d wordings count", n)
	}
}

func TestOffenceSettingsThatCannotBe(t *testing.T) {
	for want, mapping := range map[string]map[string]string{
		"f.csv: the source's settings count an offence as something that is not known; write stalking or excluded beside each offence": {"Stalking": "harassment"},
		"f.csv: the source's settings count one offence in two ways; keep one of the two; case, spaces and leading zeros do not make another offence": {
			"A / b 01/2": Excluded, "a/B 1/02": Stalking},
	} {
		if _, err := newOffences(Input{File: "f.csv", Settings: Settings{Offences: mapping}}); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// TestReportIsBounded: fifty different lines, and the rest together.
func TestReportIsBounded(t *testing.T) {
	o := testOffences(t, nil)
	words := []string{"theft", "arson", "fraud", "rape", "murder", "affray", "robbery", "burglary"}
	for i, first := range words {
		for j, second := range words {
			for range 2 {
				v := o.verdict(fmt.Appendf(nil, "%s and %s", first, second))
				o.exclude(v.wording, 10*i+j+2)
			}
		}
	}
	var reasons []string
	rows := uint64(0)
	o.report(func(reason string, n uint64) {
		reasons = append(reasons, reason)
		rows += n
	})
	if len(reasons) != mostUnmapped+1 || rows != 128 ||
		!slices.Contains(reasons, "offence not mapped: theft and theft (first in row 2)") ||
		!slices.Contains(reasons, "offence not mapped: other wordings (first in row 64)") {
		t.Errorf("%d rows, %d reasons: %s", rows, len(reasons), strings.Join(reasons, "\n"))
	}
}

func TestManyWordingsAreBounded(t *testing.T) {
	o := testOffences(t, nil)
	for i := range 3 * mostVerdicts {
		if v := o.verdict(fmt.Appendf(nil, "name %d", i)); v.wording != "[…]" {
			t.Fatal(v)
		}
	}
	if len(o.verdicts) != mostVerdicts {
		t.Errorf("%d wordings are remembered", len(o.verdicts))
	}
}

// FuzzReduce: what comes out is known words and codes that are no birthday.
func FuzzReduce(f *testing.F) {
	for _, text := range []string{"Stalking of Jane", "8/65", "14/02", "a/b", "S1 1", "[…] ]…[", "\xff", "İ/ſ", "105/001"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		folded := foldOffence(text)
		if again := foldOffence(folded); again != folded {
			t.Errorf("folded to %q, then to %q", folded, again)
		}
		for token := range strings.SplitSeq(reduce(folded), " ") {
			if token == "[…]" || codeForm.MatchString(token) {
				continue
			}
			for part := range strings.SplitSeq(token, "/") {
				if !offenceWords[part] {
					t.Errorf("%q is reduced to %q", text, reduce(folded))
				}
			}
		}
	})
}

func TestPersonalHeaders(t *testing.T) {
	for _, header := range []string{"Name", "suspect_name", "SuspectName", "surname", "Forename 1", "address", "home-address", "Postcode", "post code", "POST_CODE",
		"DOB", "d.o.b.", "date of birth", "DateOfBirth", "notes", "Comments", "Free text", "MO", "officer", "phone", "E-mail", "victim", "ethnicity", "age", "Narrative"} {
		if !looksPersonal(header) {
			t.Errorf("%q passes", header)
		}
	}
	for _, header := range []string{"month", "division", "record_id", "custody_suite", "stage_date", "model", "telematics", "outcome", "image", "total", ""} {
		if looksPersonal(header) {
			t.Errorf("%q is taken for personal", header)
		}
	}
}

// TestClean: nothing that a file holds is left in a fault.
func TestClean(t *testing.T) {
	records, _ := Find("force_records")
	out := &Output{excluded: map[string]uint64{}, noValues: true}
	out.reject(stats.Origin{File: "f", Sheet: "Jane", Row: 3}, &stats.Fault{Column: "offence", Value: "Jane", Reason: `"Jane \" Doe" is not "Doe`})
	want := []stats.Rejection{{Origin: stats.Origin{File: "f", Row: 3}, Fault: stats.Fault{Column: "offence", Reason: "[…] is not […]"}}}
	if diff := cmp.Diff(want, out.Rejections); diff != "" {
		t.Errorf("rejections (-want +got):\n%s", diff)
	}
	if err := fmt.Errorf("the disk is full"); records.Clean(err) != err || records.Clean(nil) != nil {
		t.Error("an error that is not of the file is changed")
	}
}
