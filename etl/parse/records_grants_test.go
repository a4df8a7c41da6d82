package parse_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

// yearOfOrders is an extract that has a row in the first and the last of the
// twelve months from September 2023, and the given grants of them.
func yearOfOrders(grants ...string) string {
	return ordersHeader + "\nA,PA,refused,2023-09-05,\nB,PB,refused,2024-08-05,\n" + strings.Join(grants, "\n") + "\n"
}

// after is the grants of orders that came so many days after an application
// on 1 October 2023.
func after(days ...int) (all []string) {
	for i, n := range days {
		granted := stats.Day(2023, time.October, 1).AddDate(0, 0, n)
		all = append(all, fmt.Sprintf("O%d,P%d,full_granted,%s,2023-10-01", i, i, granted.Format(time.DateOnly)))
	}
	return all
}

// daysToGrant is the figures of days in short, with their notes.
func daysToGrant(r result) (all []string) {
	for _, row := range r.rows {
		o := row.(stats.Observation)
		if !strings.HasPrefix(o.Measure, "spo_days_to_grant_") {
			continue
		}
		value := "-"
		if o.Value.Known {
			value = fmt.Sprint(o.Value.Number)
		}
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", strings.TrimPrefix(o.Measure, "spo_days_to_grant_"), o.Period.Label(), value, o.Value.Markers))+": "+o.Note)
	}
	return all
}

func TestDaysToGrant(t *testing.T) {
	const fewFive, fewTen = "fewer than 5 first grants with a date of application: too few", "fewer than 10 first grants with a date of application: too few"
	none := "p90 year to Aug 2024 - x: " + fewTen
	median := func(days string) string { return "median year to Aug 2024 " + days }
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"four are too few":                  {yearOfOrders(after(3, 1, 9, 20)...), []string{median("- x: " + fewFive), none}},
		"none":                              {yearOfOrders(), []string{median("- x: " + fewFive), none}},
		"five, in any order":                {yearOfOrders(after(30, 1, 9, 200, 20)...), []string{median("20: of 5 first grants"), none}},
		"six: half way between two":         {yearOfOrders(after(10, 10, 10, 13, 50, 60)...), []string{median("12: of 6 first grants"), none}},
		"ten: the ninth decile of ten days": {yearOfOrders(after(1, 2, 3, 4, 5, 6, 7, 8, 9, 19)...), []string{median("6: of 10 first grants"), "p90 year to Aug 2024 10: of 10 first grants"}},
		"eleven":                            {yearOfOrders(after(0, 0, 0, 0, 0, 7, 8, 9, 10, 40, 50)...), []string{median("7: of 11 first grants"), "p90 year to Aug 2024 40: of 11 first grants"}},
		"the first grant of an order counts, wherever it stands": {
			yearOfOrders(append(after(10, 10, 10, 10), "O9,P9,full_granted,2023-12-20,2023-10-01", "O9,P9,interim_granted,2023-10-03,2023-10-01",
				"O0,P0,interim_granted,2024-02-01,2023-10-01")...), []string{median("10: of 5 first grants"), none}},
		"the day of the application may stand beside the later grant": {
			yearOfOrders(append(after(10, 10, 10), "O8,P8,full_granted,2023-12-20,2023-10-01", "O8,P8,interim_granted,2023-10-03,",
				"O9,P9,interim_granted,2023-10-02,", "O9,P9,full_granted,2023-12-20,2023-10-01")...), []string{median("10: of 5 first grants"), none}},
		"without a date of application": {yearOfOrders(append(after(10, 10, 10, 10, 40), "O9,P9,full_granted,2023-12-20,")...),
			[]string{median("10: of 5 first grants; 1 more without a date of application"), none}},
		"a repeated row counts once": {yearOfOrders(append(after(1, 1, 9, 9), "O0,P0,full_granted,2023-10-02,2023-10-01")...), []string{median("- x: " + fewFive), none}},
		"on the day":                 {yearOfOrders(after(0, 0, 0, 0, 0)...), []string{median("0: of 5 first grants"), none}},
		"a rejected row makes it doubtful": {yearOfOrders(append(after(10, 10, 10, 10, 10), "O9,P9,granted,2024-01-20,")...),
			[]string{median("10 u: of 5 first grants; 1 row that may be of these months was rejected, so it may be wrong"), none}},
		"over the end of a leap February": {yearOfOrders("O1,P1,full_granted,2024-03-01,2024-02-28", "O2,P2,full_granted,2024-03-01,2024-02-28", "O3,P3,full_granted,2024-03-01,2024-02-28",
			"O4,P4,full_granted,2024-03-01,2024-02-28", "O5,P5,full_granted,2024-03-01,2024-02-28"), []string{median("2: of 5 first grants"), none}},
		"eleven months are no twelve": {ordersHeader + "\nA,PA,refused,2023-10-05,\nB,PB,refused,2024-08-05,\n" + strings.Join(after(1, 1, 1, 1, 1), "\n") + "\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := readRecords(t, "orders", []byte(tt.text))
			if diff := cmp.Diff(tt.want, daysToGrant(r)); diff != "" || r.err != nil {
				t.Errorf("%v (-want +got):\n%s", r.err, diff)
			}
		})
	}
}

// TestDaysToGrantRoll: each twelve months have the grants of their own months,
// lead back to the first of their rows, and are a slice of their own.
func TestDaysToGrantRoll(t *testing.T) {
	grants := append(after(4, 5, 6, 7, 8), "Z,PZ,refused,2023-08-01,")
	r := readRecords(t, "orders", []byte(yearOfOrders(grants...)))
	got := daysToGrant(r)
	want := []string{"median year to Jul 2024 6: of 5 first grants", "p90 year to Jul 2024 - x: fewer than 10 first grants with a date of application: too few",
		"median year to Aug 2024 6: of 5 first grants", "p90 year to Aug 2024 - x: fewer than 10 first grants with a date of application: too few"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	o := r.rows[len(r.rows)-2].(stats.Observation)
	if o.Slice != "E23000026 2023-09-01/2024-08-31 spo_days_to_grant_median" || o.Origin != (stats.Origin{File: "file.csv", Row: 4}) {
		t.Errorf("slice %q, origin %+v", o.Slice, o.Origin)
	}
}

// TestRandomDaysToGrant holds the figures to sorting all cases: the rank of a
// quantile of n numbers, definition 7, is 1 + (n - 1) p.
func TestRandomDaysToGrant(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 200 {
		days := make([]int, 10+random.IntN(30))
		for i := range days {
			days[i] = random.IntN(300)
		}
		r := readRecords(t, "orders", []byte(yearOfOrders(after(days...)...)))
		slices.Sort(days)
		for i, p := range []float64{0.5, 0.9} {
			rank := float64(len(days)-1) * p
			below := int(rank + 1e-9)
			exact := float64(days[below])
			if below+1 < len(days) {
				exact += (rank - float64(below)) * float64(days[below+1]-days[below])
			}
			o := r.rows[len(r.rows)-2+i].(stats.Observation)
			if got := o.Value.Number; !o.Value.Known || got < exact-0.5-1e-9 || got > exact+0.5+1e-9 {
				t.Fatalf("%s of %v is %v, want %v to a whole day", o.Measure, days, got, exact)
			}
		}
	}
}
