package dashboard

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stalkstats/internal/stats"
)

// provenance is where a figure came from: every row behind it, the loads
// that brought it and when its file was fetched.
type provenance struct {
	Rows      []string // "force_return.csv, rows 34 and 35"; one for each file and sheet
	Short     string   // "43 rows of one file", where the rows are many; else empty
	Loads     []link
	Retrieved string
}

// manyRows is more rows than a table's cell can name.
const manyRows = 6

func provenanceOf(f stats.Figure) provenance {
	p := provenance{Rows: rowsOf(f.Origins)}
	if len(f.Origins) > manyRows {
		p.Short = fmt.Sprintf("%d rows of %s", len(f.Origins), filesOf(f.Origins))
	}
	for _, id := range f.Releases {
		p.Loads = append(p.Loads, link{Text: shortID(id), Address: runAddress(id)})
	}
	if !f.RetrievedAt.IsZero() {
		p.Retrieved = f.RetrievedAt.Format(shortDay)
	}
	return p
}

func filesOf(origins []stats.Origin) string {
	var files []string
	for _, origin := range origins {
		if !slices.Contains(files, origin.File) {
			files = append(files, origin.File)
		}
	}
	return listed(files)
}

// shortID is enough of a run's ID to tell it from its neighbours by eye: the
// end, for runs of one day begin alike.
func shortID(id string) string { return id[max(0, len(id)-8):] }

// rowsOf gathers rows by file and sheet, so that a sum of 43 forces names its
// file once.
func rowsOf(origins []stats.Origin) []string {
	sorted := slices.Clone(origins)
	slices.SortFunc(sorted, func(a, b stats.Origin) int {
		return cmp.Or(strings.Compare(a.File, b.File), strings.Compare(a.Sheet, b.Sheet), cmp.Compare(a.Row, b.Row))
	})
	var lines []string
	for len(sorted) > 0 {
		place := stats.Origin{File: sorted[0].File, Sheet: sorted[0].Sheet}
		var rows []int
		for len(sorted) > 0 && sorted[0].File == place.File && sorted[0].Sheet == place.Sheet {
			rows = append(rows, sorted[0].Row)
			sorted = sorted[1:]
		}
		lines = append(lines, placeText(place, slices.Compact(rows)))
	}
	return lines
}

func placeText(place stats.Origin, rows []int) string {
	text := place.File
	if place.Sheet != "" {
		text += ", sheet " + place.Sheet
	}
	if rows[0] == 0 { // it is not told: see disclosure.Gate
		return text
	}
	if len(rows) == 1 {
		return fmt.Sprintf("%s, row %d", text, rows[0])
	}
	return text + ", rows " + listed(runsOf(rows))
}

// runsOf writes neighbouring rows as one run: 4, 6 to 9.
func runsOf(rows []int) []string {
	var runs []string
	for i := 0; i < len(rows); {
		j := i
		for j+1 < len(rows) && rows[j+1] == rows[j]+1 {
			j++
		}
		switch {
		case i == j:
			runs = append(runs, strconv.Itoa(rows[i]))
		case i+1 == j:
			runs = append(runs, strconv.Itoa(rows[i]), strconv.Itoa(rows[j]))
		default:
			runs = append(runs, fmt.Sprintf("%d to %d", rows[i], rows[j]))
		}
		i = j + 1
	}
	return runs
}
