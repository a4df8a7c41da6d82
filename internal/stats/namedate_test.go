package stats

import (
	"testing"
	"time"
)

func TestNameDate(t *testing.T) {
	for file, want := range map[string]string{
		"prc-pfa-mar2013-onwards-tables-230726.ods": "2026-07-23",
		"prc-pfa-251025.ods":                        "2025-10-25",
		"return-2026-07-23.csv":                     "2026-07-23",
		"20260723_return.csv":                       "2026-07-23",
		"2026-07-23":                                "2026-07-23",
		"return-2024-02-29.csv":                     "2024-02-29",
		"return-2023-02-29.csv":                     "", // no day of that year
		"return-310626.csv":                         "",
		"return-99999999.csv":                       "",
		"return-2026.csv":                           "",
		"return-1234567.csv":                        "",
		"return.csv":                                "",
		"":                                          "",
	} {
		day, ok := NameDate(file)
		if got := day.Format(time.DateOnly); ok != (want != "") || ok && got != want {
			t.Errorf("NameDate(%q) = %s, %v, want %q", file, got, ok, want)
		}
	}
}
