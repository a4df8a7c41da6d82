package parse

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestCount(t *testing.T) {
	for text, want := range map[string]float64{
		"0": 0, " 389 ": 389, "-00 ": 0, "-0": 0, "-1 ": -1, "1,234": 1234, "-1,234": -1234, "1,234,567": 1234567, "7.0": 7, "007": 7,
		"999999999999999": 999999999999999, "\t5\u00a0": 5,
	} {
		if got, ok := count(text); !ok || got != want || math.Signbit(got) != (want < 0) {
			t.Errorf("count(%q) = %v, %v, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "-", ".", "1.5", "1e3", "0x10", "1_000", "+5", "--5", "1,23", ",123", "1,2345", "1 234", "NaN", "Inf", "٣", "5%", "(5)", "1234567890123456", "5\n6", "1234,567"} {
		if got, ok := count(text); ok {
			t.Errorf("count(%q) = %v", text, got)
		}
	}
}

// FuzzCount: what is read is a whole number, and the number that the digits
// say.
func FuzzCount(f *testing.F) {
	for _, text := range []string{" 1,234 ", "-00 ", "-1", "7.0", "1e3", "", "999,999,999,999,999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := count(text)
		if !ok {
			return
		}
		if got != math.Trunc(got) || math.Abs(got) >= 1<<53 || got == 0 && math.Signbit(got) {
			t.Errorf("count(%q) = %v", text, got)
		}
		digits, _, _ := strings.Cut(strings.ReplaceAll(strings.TrimSpace(text), ",", ""), ".")
		if want, err := strconv.ParseInt(digits, 10, 64); err != nil || float64(want) != got {
			t.Errorf("count(%q) = %v, and its digits say %d, %v", text, got, want, err)
		}
	})
}
