package dashboard

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"iter"
	"time"

	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/report"
	"stalkstats/internal/stats"
)

// How much of a report a page reads to tell how large it is.
const (
	mostLooked   = 200_000 // figures
	longestLook  = 2 * time.Second
	previewedTop = 20 // rows that are shown
)

// A look is what can be told of a report without reading more of it than a page
// may.
type look struct {
	Rows   int
	More   bool         // there are more than were read
	Hidden int          // of the rows, those without a number because it is confidential
	Low    int          // and because it rounds to zero
	Top    []previewRow // the first, as the CSV has them
	// Demonstration is set where any of the first is made up.
	Demonstration bool
}

// previewRow is a row of the CSV, by its columns.
type previewRow []previewCell

type previewCell struct {
	Text   string
	Number bool
}

// errEnough ends a look at a report that is larger than a page reads.
var errEnough = errors.New("a page reads no more of a report")

// look reads a report until it has seen enough.
func (in asked) look(ctx context.Context, most int, longest time.Duration) (l look, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop() // what is not read is not worked out either
	var top []stats.Figure
	for f, err := range in.figures(ctx, enough(most, longest)) {
		if errors.Is(err, errEnough) {
			l.More = true
			break
		}
		if err != nil {
			return l, in.explained(err)
		}
		l.Rows++
		if len(top) < previewedTop {
			top = append(top, f)
			l.Demonstration = l.Demonstration || f.Demonstration()
		}
		switch {
		case f.Value.Markers.Has(stats.Confidential):
			l.Hidden++
		case f.Value.Markers.Has(stats.LowNotZero):
			l.Low++
		}
	}
	l.Top, err = in.preview(top)
	return l, err
}

// enough lets figures through until there are most of them, or until the longest
// has passed since the first.
func enough(most int, longest time.Duration) func(iter.Seq2[stats.Figure, error]) iter.Seq2[stats.Figure, error] {
	return func(figures iter.Seq2[stats.Figure, error]) iter.Seq2[stats.Figure, error] {
		return func(yield func(stats.Figure, error) bool) {
			n, began := 0, time.Time{}
			for f, err := range figures {
				if n == 0 {
					began = time.Now()
				}
				if err == nil && (n == most || n > 0 && time.Since(began) >= longest) {
					f, err = stats.Figure{}, errEnough
				}
				if n++; !yield(f, err) || err != nil {
					return
				}
			}
		}
	}
}

// preview is figures as the CSV has them: written as one, and read again.
func (in asked) preview(top []stats.Figure) ([]previewRow, error) {
	var text bytes.Buffer
	if _, err := report.Observations(&text, func(yield func(stats.Figure, error) bool) {
		for _, f := range top {
			if !yield(f, nil) {
				return
			}
		}
	}, in.areas, in.measures); err != nil {
		return nil, err
	}
	records, err := csv.NewReader(&text).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the first rows again: %w", err)
	}
	var rows []previewRow
	for _, record := range records[1:] {
		var row previewRow
		for i, cell := range record {
			row = append(row, previewCell{cell, report.ObservationColumns[i].Datatype == "decimal"})
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// count is how many rows there are, in words.
func (l look) count() string {
	switch {
	case l.More:
		return fmt.Sprintf("more than %s figures", numberText(float64(l.Rows), 0))
	case l.Rows == 0:
		return "no figure"
	}
	return plural(l.Rows, "figure", "figures")
}

// title is what the page is headed with once a report was chosen.
func (l look) title() string {
	if l.Rows == 1 && !l.More {
		return "One figure fits what you chose"
	}
	if l.Rows == 0 && !l.More {
		return "No figure fits what you chose"
	}
	return capitalised(l.count()) + " fit what you chose"
}

// hiding says how much of a report of the published audience is hidden, and why: reasons is
// what hiddenWords says.
func (l look) hiding(rules disclosure.Rules, reasons string) []string {
	of := ""
	if l.More {
		of = fmt.Sprintf("Of the first %s, ", numberText(float64(l.Rows), 0))
	}
	says := []string{capitalised(fmt.Sprintf("%s%s hidden, marked c: %s.", of, isOrAre(l.Hidden, "figure", "figures"), reasons))}
	if rules.Rounding > 1 {
		says = append(says,
			capitalised(fmt.Sprintf("%s%s marked k: it rounds to zero and is not zero, or is a rate of such a count.", of, isOrAre(l.Low, "figure", "figures"))),
			fmt.Sprintf("All other counts are rounded to the nearest %d, and rates are worked out from the counts as they are shown.", rules.Rounding))
	}
	return says
}

func isOrAre(n int, one, many string) string {
	switch n {
	case 0:
		return "no " + one + " is"
	case 1:
		return "1 " + one + " is"
	}
	return plural(n, one, many) + " are"
}

// previewHeads is the names of the columns of a preview.
func previewHeads() previewRow {
	var heads previewRow
	for _, c := range report.ObservationColumns {
		heads = append(heads, previewCell{c.Name, c.Datatype == "decimal"})
	}
	return heads
}
