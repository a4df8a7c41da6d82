package parse

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"stalkstats/etl/parse/sheet"
)

func TestPersonalText(t *testing.T) {
	for cell, want := range map[string]string{
		"see jo.bloggs@example.org":              emailAddress,
		"<JO+x@mail.example.co.uk>":              emailAddress,
		"zoë@müller.example":                     emailAddress,
		"https://example.org/?to=jo@example.org": emailAddress,
		"ring 07700 900123 after six":            telephone,
		"07700900123":                            telephone,
		"7700900123":                             telephone,
		"+44 7700 900 123":                       telephone,
		"+44 (0)7700 900123":                     telephone,
		"(+44) 20 7946 0958":                     telephone,
		"0044 20 7946 0958.":                     telephone,
		"tel:(0121) 496-0123":                    telephone,
		"0169 77 2123 is ten long":               telephone,
		"01632\u00a0960 001, 12 people":          telephone,
		"QQ 12 34 56 C":                          "", // no such pair of letters
		"AB123456C":                              insuranceNumber,
		"(ab 12 34 56 d)":                        insuranceNumber,
		"GB123456A":                              "",
		"XAB123456C":                             "",
		"":                                       "",
		"demonstration; 215 arrests and 151 charges":    "",
		"2024-01-01/2024-09-27":                         "",
		"01/02/2024 03/04/2024":                         "",
		"01 02 2024 03 04 2024":                         "",
		"from 2024-01-01 to 2024-02-02, 12345678901":    "",
		"0.01234567890":                                 "",
		"E23000026|E23000027":                           "",
		"101, 999, 0800 555 111 and 0300 123 7050":      "",
		"https://example.org/a/01632960001?n=AB123456C": "",
		"https://medium.example/@force/plan":            "",
		"@stalkstats":                                   "",
		"20260101T120000-01632960":                      "",
		"stalking lead":                                 "",
		"1234567":                                       "",
		"lives at LU97 3QX":                             postcode,
		"LU973QX":                                       postcode,
		"lu97 3qx":                                      postcode,
		"(W1A 0AX)":                                     postcode,
		"SW1A\u00a02AA, EC1A 1BB":                       postcode,
		"moved_LU97-3QX_now":                            postcode,
		"the M25 4th, then at LU9 3QX":                  postcode,
		"M25 4TH":                                       postcode,
		"m25 4th":                                       postcode,
		"the M25 4th in the list":                       "",
		"E10000012":                                     "",
		"SPO 12AB":                                      "",
		"SPO1 2AB":                                      "",
		"QX1 2AB, AB12 CDE":                             "", // no such area; a number plate
		"at E2 2pm":                                     "", // M ends no postcode
		"E1 2 3 of 15":                                  "",
		"2024/25 Q1":                                    "",
		"8Q 10,296; 8L 124,393; section 2A or 4A":       "",
		"born 12 March 1985":                            dateOfBirth,
		"Born on the 12th of March, 1985":               dateOfBirth,
		"born March 12th, 2001":                         dateOfBirth,
		"DOB 12/03/85":                                  dateOfBirth,
		"D.O.B.: 1985-03-12.":                           dateOfBirth,
		"d.o.b 12.3.85":                                 dateOfBirth,
		"dob=120385":                                    dateOfBirth,
		"date of birth given as 1 Jan 2011":             dateOfBirth,
		"the victim's date_of_birth (2) is 01-02-2003":  dateOfBirth,
		"12/03/2001 (DOB)":                              dateOfBirth,
		"12 Mar 2001 was her date of birth":             dateOfBirth,
		"birthday 3 May 99":                             dateOfBirth,
		"seen on 31/05/1961":                            oldDate,
		"31/05/1961":                                    oldDate,
		"1961-05-31T00:00:00":                           oldDate,
		"31 May 1961":                                   oldDate,
		"1900-01-01":                                    "", // what a spreadsheet makes of an empty date
		"revised 12 March 2025":                         "",
		"12/03/2025 revised; 2024-09-27 before":         "",
		"date of birth is not asked for":                "",
		"Column DOB taken out. Sent anew 12 March 2025": "",
		"stubborn since 12 March 2025":                  "",
		"airborne 12 March 2025":                        "",
		"Act of 1988, in force since 1988":              "",
		"a child born in 2011":                          "",
		"PNC 2001/1234567A":                             policeNumber,
		"see 01/1234567a.":                              policeNumber,
		"2001/1234567":                                  "",
		"QUIXM605319Z99AB":                              licenceNumber,
		"quix9 605319z99ab":                             "",
		"NHS number 943 476 5919":                       healthNumber,
		"NHS no: 9434765919":                            healthNumber,
		"NHS trusts 2024":                               "",
		"referred to the NHS, 943 476 of 1,000":         "",
	} {
		if got := personalText([]byte(cell)); got != want {
			t.Errorf("%q holds %q, want %q", cell, got, want)
		}
	}
}

// TestPersonalTextIsRefused: in every column of every layout that people fill
// in, in a sheet of any place, a cell with personal text has the file refused,
// and the words say where it is and not what.
func TestPersonalTextIsRefused(t *testing.T) {
	texts := map[string]string{emailAddress: "jo.bloggs@example.org", telephone: "07700 900123", insuranceNumber: "AB123456C",
		postcode: "LU97 3QX", dateOfBirth: "DOB 12/03/1985", oldDate: "31/05/1961", policeNumber: "2001/1234567A", licenceNumber: "QUIXM605319Z99AB", healthNumber: "NHS 943 476 5919"}
	for _, p := range Parsers() {
		for i, column := range p.Columns {
			for what, text := range texts {
				cells := make([]string, len(p.Columns))
				cells[i] = "about " + text
				err := look(t, p, strings.Join(names(p.Columns), ",")+"\n"+strings.Repeat(",", len(cells)-1)+"\n"+strings.Join(cells, ",")+"\n")
				if column.Name == "source" && slices.Contains([]string{emailAddress, telephone, postcode}, what) {
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

// FuzzPersonalText: what stands before and after in a sentence does not hide a
// personal datum, and a number on its own, a day or a code is none.
func FuzzPersonalText(f *testing.F) {
	f.Add("see", "today", uint64(7700900123))
	f.Add("(", ")", uint64(1))
	f.Add("\u00a0", "é", uint64(999999999))
	f.Fuzz(func(t *testing.T, before, after string, n uint64) {
		n %= 1_000_000_000
		mobile := fmt.Sprintf("07%09d", n)
		birth := fmt.Sprintf("%d/%d/%d", 1+n%28, 1+n%12, 1910+n%110)
		for _, text := range []string{mobile, "+44" + mobile[1:], mobile[:5] + " " + mobile[5:], fmt.Sprintf("AB%06dC", n%1_000_000), fmt.Sprintf("p%d@example.org", n),
			fmt.Sprintf("LU%d %dQX", n%100, n%10), "DOB " + birth, "born " + birth, "date of birth: " + birth} {
			cell := []byte(before + " " + text + " " + after)
			if bytes.Contains(bytes.ToLower([]byte(before)), []byte("http")) {
				continue // it may be a part of an address of the web
			}
			if personalText(cell) == "" {
				t.Errorf("%q is not noticed", cell)
			}
		}
		day := fmt.Sprintf("%04d-%02d-%02d", 1990+n%50, 1+n%12, 1+n%28)
		for _, text := range []string{fmt.Sprint(n), day, day + "/" + day, fmt.Sprintf("E%08d", n%100_000_000), fmt.Sprintf("%.12f", float64(n)/1e9)} {
			if found := personalText([]byte(text)); found != "" && !(len(text) == 10 && text[0] == '7') {
				t.Errorf("%q is taken for %s", text, found)
			}
		}
		personalText([]byte(before + after)) // whatever it is, it ends
	})
}
