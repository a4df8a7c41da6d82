package disclosure

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"
)

// hiddenByMethod is the hash of what each Method hides in the tables of TestMethod.
var hiddenByMethod = map[int]string{7: "9268260abea5b680"}

// TestMethod fails when the same rules hide something else under the same number. Then
// Method goes up, and the changelog says that what is published is decided anew.
func TestMethod(t *testing.T) {
	sum, all, withheld := sha256.New(), 0, 0
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := madeOf(r, []string{"events", "interim", "full"}, forces[:2+seed%2], 6, seed%3 > 0)
		cells := append(w.cells(), w.peopleOf(r, 2)...)
		decisions, err := NewTable(Rules{Threshold: 5}, structure(), "").Publish(cells)
		if err != nil {
			t.Fatal(err)
		}
		Sort(decisions)
		for _, d := range decisions {
			if all++; d.Reason == Withheld {
				withheld++
			}
			fmt.Fprintln(sum, d.Key, d.Value, d.Reason)
		}
	}
	if withheld > all/8 {
		t.Errorf("of %d counts, mostly small ones and the people of them, %d are withheld", all, withheld)
	}
	if got := fmt.Sprintf("%x", sum.Sum(nil)[:8]); got != hiddenByMethod[Method] {
		t.Errorf("method %d hides %s, and hid %q: raise Method, and say so in the changelog", Method, got, hiddenByMethod[Method])
	}
}
