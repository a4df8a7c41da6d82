package query

import (
	"context"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// TestPortions: a filter that is asked in portions has the figures of one that is
// not, each once and in order.
func TestPortions(t *testing.T) {
	_, reader, codes := history(t)
	quarter := stats.Quarter(2013, 2)
	all := Filter{From: quarter.Start, To: quarter.End}
	known, err := reader.reference(t.Context(), Latest)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(portions(all, known, portionFigures)); n < 5 {
		t.Fatalf("1.3 million figures are asked for in %d portions", n)
	}
	one := all
	one.Areas = codes[:1]
	if n := len(portions(one, known, portionFigures)); n != 1 {
		t.Fatalf("a force's figures are asked for in %d portions", n)
	}
	var whole []stats.Figure
	var before stats.Key
	for f, err := range reader.Figures(t.Context(), all) {
		if err != nil {
			t.Fatal(err)
		}
		if stats.CompareKeys(before, f.Key) >= 0 {
			t.Fatalf("%+v comes after %+v", f.Key, before)
		}
		if before = f.Key; f.Area == codes[0] {
			whole = append(whole, f)
		}
	}
	alone, err := collect(reader.Figures(t.Context(), one))
	if err != nil {
		t.Fatal(err)
	}
	if len(alone) == 0 || len(whole) != len(alone) {
		t.Fatalf("%d figures among all, %d alone", len(whole), len(alone))
	}
	for i := range alone {
		if whole[i].Key != alone[i].Key || whole[i].Value != alone[i].Value {
			t.Errorf("%+v among all, %+v alone", whole[i], alone[i])
		}
	}
}

// panicking is a connection that has a fault of ours where counts are asked for.
type panicking struct{ driver.Conn }

func (p panicking) Query(ctx context.Context, sql string, args ...any) (driver.Rows, error) {
	if sql == statement("figures.sql") {
		panic("a fault")
	}
	return p.Conn.Query(ctx, sql, args...)
}

// TestAPanicWhileFiguresAreReadIsAnError: they are read beside the reader's own
// goroutine, where nothing else would keep the program up.
func TestAPanicWhileFiguresAreReadIsAnError(t *testing.T) {
	db, _, _ := history(t)
	_, err := collect(New(panicking{db}).Figures(t.Context(), Filter{}))
	if err == nil || !strings.Contains(err.Error(), "a fault") {
		t.Errorf("error %v", err)
	}
}
