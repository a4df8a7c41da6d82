package parse

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/personal"
)

// TestPersonalTextIsRefused: in every column of every layout that people fill
// in, in a sheet of any place, a cell with personal text has the file refused,
// and the words say where it is and not what.
func TestPersonalTextIsRefused(t *testing.T) {
	texts := map[string]string{personal.EmailAddress: "jo.bloggs@example.org", personal.Telephone: "07700 900123", personal.InsuranceNumber: "AB123456C",
		personal.Postcode: "LU97 3QX", personal.DateOfBirth: "DOB 12/03/1985", personal.OldDate: "31/05/1961", personal.PoliceNumber: "2001/1234567A", personal.LicenceNumber: "QUIXM605319Z99AB", personal.HealthNumber: "NHS 943 476 5919"}
	for _, p := range Parsers() {
		for i, column := range p.Columns {
			for what, text := range texts {
				cells := make([]string, len(p.Columns))
				cells[i] = "about " + text
				err := look(t, p, strings.Join(names(p.Columns), ",")+"\n"+strings.Repeat(",", len(cells)-1)+"\n"+strings.Join(cells, ",")+"\n")
				if column.Name == "source" && slices.Contains([]string{personal.EmailAddress, personal.Telephone, personal.Postcode}, what) {
					if err != nil {
						t.Errorf("%s: who publishes it may be named: %v", p.Name, err)
					}
					continue
				}
				var fault *sheet.Error
				if !errors.As(err, &fault) || fault.Row != 3 || fault.Column != i+1 || !strings.Contains(fault.Problem, what) {
					t.Errorf("%s, %s, %s: %v", p.Name, column.Name, what, err)
				} else if strings.Contains(err.Error(), text) {
					t.Errorf("%s: %v tells what stands in the cell", p.Name, err)
				}
			}
		}
	}
}
