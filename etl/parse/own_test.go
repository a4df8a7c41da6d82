package parse

import (
	"errors"
	"strings"
	"testing"

	"stalkstats/etl/parse/sheet"
)

// look is what a parser says of a file by its header alone.
func look(t *testing.T, p Parser, text string) error {
	t.Helper()
	book, err := sheet.Open(strings.NewReader(text), int64(len(text)), "file.csv", sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	return p.Look(Input{Book: book, File: "file.csv"})
}

// TestListsOfPeople: every layout that people fill in refuses a file by its
// header, before anything of it is kept, and says nothing that stands in it.
func TestListsOfPeople(t *testing.T) {
	const person = "Zebulon Quixmarker,ZZ97 3QX,31/05/1961,at large"
	looked := 0
	for _, p := range Parsers() {
		if len(p.Columns) == 0 {
			continue
		}
		looked++
		header := strings.Join(names(p.Columns), ",")
		if err := look(t, p, header+"\n"); err != nil {
			t.Errorf("%s: its own header: %v", p.Name, err)
		}
		for _, tt := range []struct{ what, text, says string }{
			{"an extract of records", "record_id,arrest_date,victim_name\n", personalProblem},
			{"a column of names beside its own", header + ",Suspect's Surname\n", personalProblem},
			{"a column of postcodes beside its own", "home postcode," + header + "\n", personalProblem},
			{"dates of birth beside its own", header + ",DOB\n", personalProblem},
			{"no header", person + "\n", "is missing"},
			{"a person beside its own", header + "," + person + "\n", "this column is not expected here"},
		} {
			err := look(t, p, tt.text)
			var fault *sheet.Error
			if !errors.As(err, &fault) || !strings.Contains(fault.Problem, tt.says) || tt.says == personalProblem && !strings.HasPrefix(fault.Advice, personalAdvice) {
				t.Errorf("%s, %s: %v, want %q", p.Name, tt.what, err, tt.says)
				continue
			}
			for part := range strings.SplitSeq(person, ",") {
				if strings.Contains(err.Error(), part) {
					t.Errorf("%s, %s: %q tells what stands in the file", p.Name, tt.what, err)
				}
			}
		}
	}
	if looked < 8 {
		t.Errorf("only %d layouts have columns", looked)
	}
}
