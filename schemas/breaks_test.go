package schemas

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"
)

// TestBreaksOfIncludedClassifications: a counting rule that makes a crime of
// what another crime included, or the other way round, bears on both counts. So
// a rate of the one to the other and its numerator start anew on the same day.
func TestBreaksOfIncludedClassifications(t *testing.T) {
	file, err := Reference().Open("series_breaks.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var dates []string
	for _, row := range rows[1:] {
		measures := strings.Split(row[slices.Index(rows[0], "measures")], "|")
		all, included := slices.Contains(measures, "stalking_all_flagged"), slices.Contains(measures, "stalking_included_classifications")
		if all != included {
			t.Errorf("%s: bears on all stalking: %v, on what is included in other crimes: %v", row[0], all, included)
		}
		if included {
			dates = append(dates, row[0])
		}
	}
	if want := []string{"2018-04-01", "2020-04-01", "2023-06-01"}; !slices.Equal(dates, want) {
		t.Errorf("breaks of %v, want %v", dates, want)
	}
}
