package parse_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

// TestRandomArrests holds the counts of random extracts to a count that keeps
// every record.
func TestRandomArrests(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	type record struct {
		month            time.Month
		domestic, online string
	}
	flags := []string{"yes", "no", "not known"}
	for range 60 {
		var text strings.Builder
		text.WriteString(arrestsHeader + "\n")
		records, rows, excluded, rejected := map[int]record{}, 0, uint64(0), uint64(0)
		want := map[string]int{}
		ids := 1 + r.IntN(9000)
		for range r.IntN(15_000) {
			id := r.IntN(ids)
			a := record{time.Month(1 + (id+r.IntN(50)/49)%9), flags[(id+r.IntN(50)/49)%3], flags[id%3]}
			offence := []string{"Stalking", "8/66", "Harassment"}[r.IntN(3)]
			fmt.Fprintf(&text, "\"N,%d\",%02d/%02d/2024,%s,%s,%s\n", id, 1+r.IntN(27), a.month, offence, a.domestic, a.online)
			rows++
			before, known := records[id]
			switch {
			case offence == "Harassment" || a.month == time.September:
				excluded++
			case known && before == a:
				excluded++
			case known:
				rejected++
			default:
				records[id] = a
				want[a.month.String()]++
				want[a.month.String()+" domestic "+a.domestic]++
				want[a.month.String()+" online "+a.online]++
			}
		}
		got := readRecords(t, "arrests", []byte(text.String()))
		if rows == 0 {
			continue
		}
		if got.err != nil || got.out.Read != uint64(rows) || got.out.Loaded != uint64(len(records)) || got.out.Excluded() != excluded || got.out.Rejected != rejected {
			t.Fatalf("error %v; read %d of %d, loaded %d of %d, excluded %d of %d, rejected %d of %d", got.err,
				got.out.Read, rows, got.out.Loaded, len(records), got.out.Excluded(), excluded, got.out.Rejected, rejected)
		}
		counted := map[string]int{}
		for _, row := range got.rows {
			o := row.(stats.Observation)
			key := o.Period.Start.Month().String()
			if o.Breakdown != "" {
				key += " " + o.Breakdown + " " + o.BreakdownValue
			}
			if o.Value.Number > 0 {
				counted[key] += int(o.Value.Number)
			}
		}
		if diff := cmp.Diff(want, counted); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
}

// TestTemplatesOfRecords: each kind's file to fill in, filled in with its own
