package personal

import (
	"bytes"
	"fmt"
	"testing"
)

func TestIn(t *testing.T) {
	for cell, want := range map[string]string{
		"see jo.bloggs@example.org":              EmailAddress,
		"<JO+x@mail.example.co.uk>":              EmailAddress,
		"zoë@müller.example":                     EmailAddress,
		"https://example.org/?to=jo@example.org": EmailAddress,
		"ring 07700 900123 after six":            Telephone,
		"07700900123":                            Telephone,
		"7700900123":                             Telephone,
		"+44 7700 900 123":                       Telephone,
		"+44 (0)7700 900123":                     Telephone,
		"(+44) 20 7946 0958":                     Telephone,
		"0044 20 7946 0958.":                     Telephone,
		"tel:(0121) 496-0123":                    Telephone,
		"0169 77 2123 is ten long":               Telephone,
		"01632\u00a0960 001, 12 people":          Telephone,
		"QQ 12 34 56 C":                          "", // no such pair of letters
		"AB123456C":                              InsuranceNumber,
		"(ab 12 34 56 d)":                        InsuranceNumber,
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
		"lives at LU97 3QX":                             Postcode,
		"LU973QX":                                       Postcode,
		"lu97 3qx":                                      Postcode,
		"(W1A 0AX)":                                     Postcode,
		"SW1A\u00a02AA, EC1A 1BB":                       Postcode,
		"moved_LU97-3QX_now":                            Postcode,
		"the M25 4th, then at LU9 3QX":                  Postcode,
		"M25 4TH":                                       Postcode,
		"m25 4th":                                       Postcode,
		"the M25 4th in the list":                       "",
		"E10000012":                                     "",
		"SPO 12AB":                                      "",
		"SPO1 2AB":                                      "",
		"QX1 2AB, AB12 CDE":                             "", // no such area; a number plate
		"at E2 2pm":                                     "", // M ends no Postcode
		"E1 2 3 of 15":                                  "",
		"2024/25 Q1":                                    "",
		"8Q 10,296; 8L 124,393; section 2A or 4A":       "",
		"born 12 March 1985":                            DateOfBirth,
		"Born on the 12th of March, 1985":               DateOfBirth,
		"born March 12th, 2001":                         DateOfBirth,
		"DOB 12/03/85":                                  DateOfBirth,
		"D.O.B.: 1985-03-12.":                           DateOfBirth,
		"d.o.b 12.3.85":                                 DateOfBirth,
		"dob=120385":                                    DateOfBirth,
		"date of birth given as 1 Jan 2011":             DateOfBirth,
		"the victim's date_of_birth (2) is 01-02-2003":  DateOfBirth,
		"12/03/2001 (DOB)":                              DateOfBirth,
		"12 Mar 2001 was her date of birth":             DateOfBirth,
		"birthday 3 May 99":                             DateOfBirth,
		"seen on 31/05/1961":                            OldDate,
		"31/05/1961":                                    OldDate,
		"1961-05-31T00:00:00":                           OldDate,
		"31 May 1961":                                   OldDate,
		"1900-01-01":                                    "", // what a spreadsheet makes of an empty date
		"revised 12 March 2025":                         "",
		"12/03/2025 revised; 2024-09-27 before":         "",
		"date of birth is not asked for":                "",
		"Column DOB taken out. Sent anew 12 March 2025": "",
		"stubborn since 12 March 2025":                  "",
		"airborne 12 March 2025":                        "",
		"Act of 1988, in force since 1988":              "",
		"a child born in 2011":                          "",
		"PNC 2001/1234567A":                             PoliceNumber,
		"see 01/1234567a.":                              PoliceNumber,
		"2001/1234567":                                  "",
		"QUIXM605319Z99AB":                              LicenceNumber,
		"quix9 605319z99ab":                             "",
		"NHS number 943 476 5919":                       HealthNumber,
		"NHS no: 9434765919":                            HealthNumber,
		"NHS trusts 2024":                               "",
		"referred to the NHS, 943 476 of 1,000":         "",
	} {
		if got := In([]byte(cell)); got != want {
			t.Errorf("%q holds %q, want %q", cell, got, want)
		}
	}
}

// FuzzIn: what stands before and after in a sentence does not hide a
// personal datum, and a number on its own, a day or a code is none.
func FuzzIn(f *testing.F) {
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
			if In(cell) == "" {
				t.Errorf("%q is not noticed", cell)
			}
		}
		day := fmt.Sprintf("%04d-%02d-%02d", 1990+n%50, 1+n%12, 1+n%28)
		for _, text := range []string{fmt.Sprint(n), day, day + "/" + day, fmt.Sprintf("E%08d", n%100_000_000), fmt.Sprintf("%.12f", float64(n)/1e9)} {
			if found := In([]byte(text)); found != "" && !(len(text) == 10 && text[0] == '7') {
				t.Errorf("%q is taken for %s", text, found)
			}
		}
		In([]byte(before + after)) // whatever it is, it ends
	})
}
