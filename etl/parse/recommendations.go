package parse

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"stalkstats/internal/stats"
)

// registerColumns are the columns of the register of the recommendations.
var registerColumns = []Column{
	{"number", "1 to 29; empty where the number of an ask is not known", "16"},
	{"ref", "a letter of your own, or a letter and more letters and digits, where the number is not known; else empty", ""},
	{"addressee", "who must answer it; chief constables where forces must", "chief constables"},
	{"deadline", "the day by which, such as 2025-03-27; empty where none is known", "2025-03-27"},
	{"ask", "what is asked", "what the published report asks, in your own words"},
	{"confidence", "how sure you are", "confirmed"},
	{"source", "where it was confirmed", "the published report"},
}

// recommendationRegister reads what is known of the 29 recommendations. A row
// has a number or a ref of ours, never both: the number of an ask is entered
// only when it is known.
func recommendationRegister(in Input, out *Output) error {
	const (
		number = iota
		ref
		addressee
		deadline
		ask
		confidence
		source
	)
	seen := map[string]int{}
	read := func(t *table) (any, *stats.Fault) {
		r := stats.Recommendation{Ref: t.text(ref), Confidence: t.text(confidence), Source: t.text(source), Origin: t.origin()}
		var fault *stats.Fault
		if r.Number, fault = recommendationNumber(t, number); fault != nil {
			return nil, fault
		}
		if (r.Number == 0) == (r.Ref == "") {
			return nil, &stats.Fault{Column: t.columns[ref], Value: r.Ref, Reason: "give the number from 1 to 29, or a letter of your own where the number is not known, and not both"}
		}
		if r.Ref != "" && !refForm.MatchString(r.Ref) {
			return nil, t.fault(ref, refAdvice)
		}
		if r.Deadline, fault = t.date(deadline); fault != nil {
			return nil, fault
		}
		if r.Addressee, fault = t.needed(addressee); fault != nil {
			return nil, fault
		}
		if r.Ask, fault = t.needed(ask); fault != nil {
			return nil, fault
		}
		if first, twice := seen[r.Name()]; twice {
			column := number
			if r.Number == 0 {
				column = ref
			}
			return nil, t.fault(column, fmt.Sprintf("row %d has it already: a recommendation stands once", first))
		}
		seen[r.Name()] = t.in.Book.RowNumber()
		return r, nil
	}
	return readSingle(in, out, read, names(registerColumns)...)
}

func recommendationNumber(t *table, column int) (int, *stats.Fault) {
	text := t.text(column)
	if text == "" {
		return 0, nil
	}
	n, ok := count(text)
	if !ok || n < 1 || n > stats.RecommendationCount {
		return 0, &stats.Fault{Column: t.columns[column], Value: text, Reason: "the recommendations are numbered 1 to 29"}
	}
	return int(n), nil
}

// progressColumns are the columns of what forces say of the recommendations.
var progressColumns = []Column{
	{"area_code", "ONS code of the force", "E23000026"},
	{"recommendation", "its number, or its ref", "16"},
	{"as_at", "the day of the statement", "2024-11-22"},
	{"status", "not started, in progress, complete or not accepted", "in progress"},
	{"owner", "the role that answers for it, not a person's name", "stalking lead"},
	{"update", `the force's words; a made-up statement starts with "demonstration; "`, "the training has begun"},
	{"evidence_url", "a link to evidence, starting with https:// or http://; may be empty", ""},
	{"review_date", "the day on which it will be looked at again; may be empty", "2025-03-27"},
}

// recommendationProgress reads what forces said of recommendations, and when.
func recommendationProgress(in Input, out *Output) error {
	const (
		area = iota
		recommendation
		asAt
		status
		owner
		update
		evidence
		review
	)
	seen := map[string]int{}
	read := func(t *table) (any, *stats.Fault) {
		p := stats.Progress{Area: t.text(area), Status: stats.Status(t.text(status)), Owner: t.text(owner),
			Update: t.text(update), EvidenceURL: t.text(evidence), Origin: t.origin()}
		if _, ok := in.Areas.ByCode(p.Area); !ok {
			return nil, unknownArea(t, area)
		}
		var fault *stats.Fault
		if p.Recommendation, fault = recommendationName(t, recommendation); fault != nil {
			return nil, fault
		}
		if !p.Status.Valid() {
			return nil, &stats.Fault{Column: t.columns[status], Value: string(p.Status), Reason: "the status is one of: not started, in progress, complete, not accepted"}
		}
		if fault := checkLink(t, evidence); fault != nil {
			return nil, fault
		}
		if _, fault := t.needed(asAt); fault != nil {
			return nil, fault
		}
		if p.AsAt, fault = t.date(asAt); fault != nil {
			return nil, fault
		}
		if p.ReviewDate, fault = t.date(review); fault != nil {
			return nil, fault
		}
		p.Slice = p.Area + " " + p.AsAt.Format(time.DateOnly)
		if first, twice := seen[p.Slice+" "+p.Recommendation]; twice {
			return nil, &stats.Fault{Column: t.columns[recommendation], Value: p.Recommendation, Reason: fmt.Sprintf("row %d has this force, recommendation and date already", first)}
		}
		seen[p.Slice+" "+p.Recommendation] = t.in.Book.RowNumber()
		return p, nil
	}
	return readSingle(in, out, read, names(progressColumns)...)
}

// refForm is a ref: it is part of a page's address, and starts with a letter
// so that nobody takes it for a number.
var refForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)

const refAdvice = "a ref is a letter, or a letter and more letters and digits, such as D or E1"

// recommendationName is the number, always written the same way, so that it
// meets the register's; or a ref.
func recommendationName(t *table, column int) (string, *stats.Fault) {
	text, fault := t.needed(column)
	if fault != nil {
		return "", fault
	}
	if _, isNumber := count(text); !isNumber {
		if !refForm.MatchString(text) {
			return "", t.fault(column, "neither a number from 1 to 29 nor a ref: "+refAdvice)
		}
		return text, nil
	}
	n, fault := recommendationNumber(t, column)
	return strconv.Itoa(n), fault
}

// checkLink lets nothing but a web address become a link on a page.
func checkLink(t *table, column int) *stats.Fault {
	text := t.text(column)
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return &stats.Fault{Column: t.columns[column], Value: text, Reason: "not a web address: it must start with https://"}
	}
	return nil
}
