package parse

import (
	"bytes"
	"errors"
	"fmt"
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
	texts := map[string]string{emailAddress: "jo.bloggs@example.org", telephone: "07700 900123", insuranceNumber: "AB123456C"}
	for _, p := range Parsers() {
		for i, column := range p.Columns {
			for what, text := range texts {
				cells := make([]string, len(p.Columns))
				cells[i] = "about " + text
				err := look(t, p, strings.Join(names(p.Columns), ",")+"\n"+strings.Repeat(",", len(cells)-1)+"\n"+strings.Join(cells, ",")+"\n")
				if column.Name == "source" && what != insuranceNumber {
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
		for _, text := range []string{mobile, "+44" + mobile[1:], mobile[:5] + " " + mobile[5:], fmt.Sprintf("AB%06dC", n%1_000_000), fmt.Sprintf("p%d@example.org", n)} {
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
