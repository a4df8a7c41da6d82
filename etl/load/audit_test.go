package load

import (
	"context"
	"testing"
	"time"

	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/schemas"
)

// TestForgetActs: what has been kept long enough goes, and nothing else.
func TestForgetActs(t *testing.T) {
	db := clickhousetest.Open(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := schemas.Apply(ctx, db); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"INSERT INTO audit (act_id, at, user_id) VALUES ('a', '2024-01-01 00:00:00', 'jo'), ('b', '2025-12-31 23:59:59.999999', 'jo'), ('c', '2026-01-01 00:00:00', 'jo')",
		"INSERT INTO downloads (download_id, began_at, user_id) VALUES ('a', '2024-01-01 00:00:00', 'jo'), ('c', '2026-01-01 00:00:00', 'jo')",
	} {
		if err := db.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second time there is nothing to do
		if err := ForgetActs(ctx, db, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
			t.Fatal(err)
		}
		left := []string{"", ""}
		for left[0] != "c" || left[1] != "c" {
			for i, sql := range []string{"SELECT arrayStringConcat(arraySort(groupArray(act_id))) FROM audit", "SELECT arrayStringConcat(arraySort(groupArray(download_id))) FROM downloads"} {
				if err := db.QueryRow(ctx, sql).Scan(&left[i]); err != nil {
					t.Fatalf("%v are left: %v", left, err)
				}
			}
		}
	}
}
