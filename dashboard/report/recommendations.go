package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"stalkstats/internal/stats"
)

// RecommendationColumns is the columns of the report of recommendations, in order.
var RecommendationColumns = []Column{
	{"number", "Number", "1 to 29; empty where the number of the ask is not known", "integer"},
	{"ref", "Ref", "our letter for an ask whose number is not known", "string"},
	{"addressee", "Addressee", "who must answer it", "string"},
	{"deadline", "Deadline", "by when; empty where none is known", "date"},
	{"ask", "Ask", "what is asked, in our own words", "string"},
	{"confidence", "Confidence", "how sure we are of it", "string"},
	{"register_source", "Source of the ask", "where it was confirmed", "string"},
	{"area_code", "Area code", "ONS code of the force whose statement follows; empty where no force was asked for and none said anything", "string"},
	{"area_name", "Area name", "name of the force", "string"},
	{"as_at", "As at", "date of the statement", "date"},
	{"status", "Status", "not started, in progress, complete or not accepted", "string"},
	{"owner", "Owner", "the role that answers for it", "string"},
	{"update", "Update", "the force's words", "string"},
	{"evidence_url", "Evidence", "a link to evidence, or the name of a document", "string"},
	{"review_date", "Next review", "when it will be looked at again", "date"},
	{"current", "Current", "yes: it is what the force says now; no: it was said before, or was taken back", "string"},
	{"overdue", "Overdue", "yes: addressed to chief constables, past its deadline, and by what the force says now neither complete nor not accepted; no: not so; empty where nobody can know, because to whom it is addressed or by when is not known, where no force is named, and in rows that are not current", "string"},
	{"origin", "Origin", "loaded from a file, or entered on a page", "string"},
	{"said_at", "Said at", "when it was entered, or the same words were first served, in UTC", "dateTime"},
	{"entered_by", "Entered by", "who entered it on a page", "string"},
	{"file", "File", "the file that it was loaded from", "string"},
	{"sheet", "Sheet", "the sheet; a CSV has none", "string"},
	{"source_row", "Row", "the row, as a spreadsheet numbers it", "integer"},
	{"release", "Release", "the loaded edition that brought it", "string"},
	{"taken_back_at", "Taken back at", "when the entry was taken back, in UTC", "dateTime"},
	{"taken_back_by", "Taken back by", "who took it back", "string"},
	{"taken_back_why", "Taken back why", "why, in their words", "string"},
}

// Recommendations writes a row for each statement, in their order.
func Recommendations(w io.Writer, statements []Statement, areas *stats.Areas) (rows int, err error) {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	records := [][]string{names(RecommendationColumns)}
	for _, s := range statements {
		records = append(records, safe(RecommendationColumns, statementCells(s, areas)))
	}
	if err := out.WriteAll(records); err != nil {
		return 0, fmt.Errorf("write the recommendations: %w", err)
	}
	return len(statements), nil
}

// statementCells is a row as it is, before its texts are made safe.
func statementCells(s Statement, areas *stats.Areas) []string {
	return append(ask(s.Recommendation), said(s, areas)...)
}

// safe makes the texts of a row safe to open in a spreadsheet.
func safe(columns []Column, row []string) []string {
	for i, c := range columns {
		if c.Datatype == "string" {
			row[i] = Text(row[i])
		}
	}
	return row
}

func ask(r stats.Recommendation) []string {
	return []string{whole(r.Number), r.Ref, r.Addressee, date(r.Deadline), r.Ask, r.Confidence, r.Source}
}

func said(s Statement, areas *stats.Areas) []string {
	p := s.Progress
	area, _ := areas.ByCode(p.Area)
	var current, overdue, origin string
	if p.Status != "" {
		current, origin = yesNo(s.Current), "loaded"
	}
	if p.Area != "" && (s.Current || p.Status == "") && s.Recommendation.DueKnown(p.Status) {
		overdue = yesNo(s.Overdue)
	}
	if p.Entered() {
		origin = "entered"
	}
	return []string{p.Area, area.Name, date(p.AsAt), string(p.Status), p.Owner, p.Update, p.EvidenceURL, date(p.ReviewDate),
		current, overdue, origin, timestamp(p.SaidAt), p.Who, p.Origin.File, p.Origin.Sheet, whole(p.Origin.Row), p.Release,
		timestamp(p.TakenBack.At), p.TakenBack.Who, p.TakenBack.Why}
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// whole is a number that counts from 1; there is none where it is 0.
func whole(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
