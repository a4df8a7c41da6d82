package parse

import (
	"testing"
	"time"
)

func TestReadDay(t *testing.T) {
	for text, want := range map[string]recordDay{
		"2024-09-27":                    20240927,
		"27/09/2024":                    20240927,
		"7/9/2024":                      20240907,
		"07/9/2024":                     20240907,
		"2024-09-27T00:00:00":           20240927,
		"2024-09-30 23:59":              20240930,
		"2024-09-30 23:59:59.999999999": 20240930,
		"30/09/2024 23:59:59":           20240930,
		"30/09/2024T23:59":              20240930,
		"2024-02-29":                    20240229,
		"2000-02-29":                    20000229,
		"2023-02-29":                    0,
		"1900-02-29":                    0,
		"31/04/2024":                    0,
		"09/27/2024":                    0, // the American order
		"27/09/24":                      0,
		"2024-9-27":                     0,
		"2024/09/27":                    0,
		"20240927":                      0,
		"45562":                         0,
		"2024-09-30T23:30:00Z":          0,
		"2024-09-30T23:30:00+01:00":     0,
		"2024-09-30 24:00":              0,
		"2024-09-30 23:60":              0,
		"2024-09-30 23:59:60":           0,
		"2024-09-30 23:59:":             0,
		"2024-09-30 23:59:59.":          0,
		"2024-09-30 ":                   0,
		"2024-09-30x":                   0,
		"30/09/2024 2:05":               0,
		"2024-00-10":                    0,
		"2024-10-00":                    0,
		"0000-01-01":                    0,
		"-024-01-01":                    0,
		"2024-+1-01":                    0,
		"//////////":                    0,
		"1/1/":                          0,
		"1/":                            0,
		"/":                             0,
		"":                              0,
		"a Name":                        0,
	} {
		if got, ok := readDay([]byte(text)); got != want || ok != (want != 0) {
			t.Errorf("readDay(%q) = %d, %v, want %d", text, got, ok, want)
		}
	}
}

// TestReadDayAgreesWithTime reads every day of 150 years in both forms.
func TestReadDayAgreesWithTime(t *testing.T) {
	for day := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2140; day = day.AddDate(0, 0, 1) {
		for _, layout := range []string{time.DateOnly, "02/01/2006", "2/1/2006 15:04"} {
			text := day.Format(layout)
			got, ok := readDay([]byte(text))
			if !ok || got != dayOf(day) {
				t.Fatalf("readDay(%q) = %d, %v", text, got, ok)
			}
			if p := periodOf(got.month()); day.Before(p.Start) || day.After(p.End) {
				t.Fatalf("%s is said to be of %s", text, p.Label())
			}
		}
	}
}
