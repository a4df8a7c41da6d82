package parse_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"stalkstats/internal/stats"
)

// recommendations is the loaded rows of a register in short.
func recommendations(r result) []string {
	var all []string
	for _, row := range r.rows {
		rec := row.(stats.Recommendation)
		deadline := "-"
		if !rec.Deadline.IsZero() {
			deadline = rec.Deadline.Format(time.DateOnly)
		}
		all = append(all, fmt.Sprintf("%s (%d, %q) | %s | %s | %s", rec.Name(), rec.Number, rec.Ref, rec.Addressee, deadline, rec.Ask))
	}
	return all
}

func TestRecommendationRegister(t *testing.T) {
	const (
		oneOfBoth = "give the number from 1 to 29, or a letter of your own where the number is not known, and not both"
		numbers   = "the recommendations are numbered 1 to 29"
		refs      = "a ref is a letter, or a letter and more letters and digits, such as D or E1"
		empty     = "the cell is empty: fill it in"
		notADate  = "not a date: write it as 2024-09-27"
		twice     = "row 2 has it already: a recommendation stands once"
	)
	check(t, "recommendation_register", "number,ref,addressee,deadline,ask,confidence,source", recommendations, []layoutTest{
		{name: "a number", csv: "7,,chief constables,2025-03-27,Log stalking,confirmed,Kent\n", loads: []string{`7 (7, "") | chief constables | 2025-03-27 | Log stalking`}},
		{name: "a ref, and no number invented", csv: ",E1,chief constables,,Screen crimes,confirmed,Kent\n", loads: []string{`E1 (0, "E1") | chief constables | - | Screen crimes`}},
		{name: "the last", csv: "29,,police,,Report,confirmed,Kent\n", loads: []string{`29 (29, "") | police | - | Report`}},
		{name: "a date of a spreadsheet", csv: "7,,police,2025-03-27T00:00:00,Log,confirmed,Kent\n", loads: []string{`7 (7, "") | police | 2025-03-27 | Log`}},
		{name: "number and ref", csv: "7,D,police,,Log,confirmed,Kent\n", rejects: []string{`2, ref, "D": ` + oneOfBoth}},
		{name: "neither", csv: ",,police,,Log,confirmed,Kent\n", rejects: []string{`2, ref, "": ` + oneOfBoth}},
		{name: "nought", csv: "0,,police,,Log,confirmed,Kent\n", rejects: []string{`2, number, "0": ` + numbers}},
		{name: "thirty", csv: "30,,police,,Log,confirmed,Kent\n", rejects: []string{`2, number, "30": ` + numbers}},
		{name: "a letter as the number", csv: "D,,police,,Log,confirmed,Kent\n", rejects: []string{`2, number, "D": ` + numbers}},
		{name: "a number as the ref", csv: ",7,police,,Log,confirmed,Kent\n", rejects: []string{`2, ref, "7": ` + refs}},
		{name: "a ref that begins with a digit", csv: ",7a,police,,Log,confirmed,Kent\n", rejects: []string{`2, ref, "7a": ` + refs}},
		{name: "a ref that would break an address", csv: ",A/B,police,,Log,confirmed,Kent\n", rejects: []string{`2, ref, "A/B": ` + refs}},
		{name: "the same number twice", csv: "7,,police,,Log,confirmed,Kent\n07,,police,,Log,confirmed,Kent\n", loads: []string{`7 (7, "") | police | - | Log`}, rejects: []string{`3, number, "07": ` + twice}},
		{name: "the same ref twice", csv: ",D,police,,Log,confirmed,Kent\n,D,police,,Log,confirmed,Kent\n", loads: []string{`D (0, "D") | police | - | Log`}, rejects: []string{`3, ref, "D": ` + twice}},
		{name: "nobody is asked", csv: "7,,,,Log,confirmed,Kent\n", rejects: []string{`2, addressee, "": ` + empty}},
		{name: "nothing is asked", csv: "7,,police,,,confirmed,Kent\n", rejects: []string{`2, ask, "": ` + empty}},
		{name: "a date in words", csv: "7,,police,27 March 2025,Log,confirmed,Kent\n", rejects: []string{`2, deadline, "27 March 2025": ` + notADate}},
		{name: "a date of another age", csv: "7,,police,0202-03-27,Log,confirmed,Kent\n", rejects: []string{`2, deadline, "0202-03-27": ` + notADate}},
		{name: "missing column", csv: "=number,ref\n", fault: `file.csv, row 1: the column "addressee" is missing; the columns must be number, ref, addressee, deadline, ask, confidence, source`},
	})
}

// statements is the loaded rows of a progress return in short.
func statements(r result) []string {
	var all []string
	for _, row := range r.rows {
		p := row.(stats.Progress)
		all = append(all, strings.Join([]string{p.Slice, p.Recommendation, string(p.Status), p.EvidenceURL}, " | "))
	}
	return all
}

func TestRecommendationProgress(t *testing.T) {
	const (
		notALink = "not a web address: it must start with https://"
		noName   = "neither a number from 1 to 29 nor a ref: a ref is a letter, or a letter and more letters and digits, such as D or E1"
		statuses = "the status is one of: not started, in progress, complete, not accepted"
		row      = "E23000026,7,2024-11-22,"
		slice    = "E23000026 2024-11-22 | 7 | "
	)
	tests := []layoutTest{
		{name: "a link", csv: row + "complete,Lead,Done,https://example.org/a?b=c#d,2025-01-31\n", loads: []string{slice + "complete | https://example.org/a?b=c#d"}},
		{name: "a ref", csv: "E23000026,E1,2024-11-22,in progress,,,,\n", loads: []string{"E23000026 2024-11-22 | E1 | in progress | "}},
		{name: "one number, written in two ways", csv: "E23000026,07,2024-11-22,complete,,,,\nE23000026,7,2024-11-22,complete,,,,\n", loads: []string{slice + "complete | "},
			rejects: []string{`3, recommendation, "7": row 2 has this force, recommendation and date already`}},
		{name: "a history", csv: row + "not started,,,,\nE23000026,7,2025-01-31,complete,,,,\n", loads: []string{slice + "not started | ", "E23000026 2025-01-31 | 7 | complete | "}},
		{name: "another status", csv: row + "done,,,,\n", rejects: []string{`2, status, "done": ` + statuses}},
		{name: "a status in capitals", csv: row + "Complete,,,,\n", rejects: []string{`2, status, "Complete": ` + statuses}},
		{name: "nought", csv: "E23000026,0,2024-11-22,complete,,,,\n", rejects: []string{`2, recommendation, "0": the recommendations are numbered 1 to 29`}},
		{name: "thirty", csv: "E23000026,30,2024-11-22,complete,,,,\n", rejects: []string{`2, recommendation, "30": the recommendations are numbered 1 to 29`}},
		{name: "a sub-paragraph", csv: "E23000026,7.1,2024-11-22,complete,,,,\n", rejects: []string{`2, recommendation, "7.1": ` + noName}},
		{name: "none", csv: "E23000026,,2024-11-22,complete,,,,\n", rejects: []string{`2, recommendation, "": the cell is empty: fill it in`}},
		{name: "no date", csv: "E23000026,7,,complete,,,,\n", rejects: []string{`2, as_at, "": the cell is empty: fill it in`}},
		{name: "a day that is not", csv: "E23000026,7,2024-02-30,complete,,,,\n", rejects: []string{`2, as_at, "2024-02-30": not a date: write it as 2024-09-27`}},
		{name: "a review date in words", csv: row + "complete,,,,soon\n", rejects: []string{`2, review_date, "soon": not a date: write it as 2024-09-27`}},
		{name: "an unknown force", csv: "Bedfordshire,7,2024-11-22,complete,,,,\n", rejects: []string{`2, area_code, "Bedfordshire": no area has this code: use the ONS code of a police force area, such as E23000026`}},
	}
	for _, link := range []string{"javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "//example.org", "https:example.org", "file:///etc/passwd", "example.org", "ftp://example.org"} {
		tests = append(tests, layoutTest{name: link, csv: row + "complete,,,\"" + link + "\",\n", rejects: []string{`2, evidence_url, "` + link + `": ` + notALink}})
	}
	check(t, "recommendation_progress", "area_code,recommendation,as_at,status,owner,update,evidence_url,review_date", statements, tests)
}
