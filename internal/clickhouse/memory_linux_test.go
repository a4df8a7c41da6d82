package clickhouse_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"stalkstats/internal/clickhouse"
)

// resident is the process's memory in bytes, the engine's included.
func resident(t *testing.T) int64 {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}

func TestLargeResultInFlatMemory(t *testing.T) {
	db := open(t, clickhouse.Options{})
	const n = 10_000_000 // 160 MB
	rows, err := db.Query(t.Context(), "SELECT number, number * 2 FROM numbers("+strconv.Itoa(n)+")")
	if err != nil {
		t.Fatal(err)
	}
	var count, sum uint64
	var begin, most int64
	for rows.Next() {
		if count == n/10 {
			begin = resident(t)
		}
		if count > n/10 && count%1_000_000 == 0 {
			most = max(most, resident(t))
		}
		var a, b uint64
		if err := rows.Scan(&a, &b); err != nil {
			t.Fatal(err)
		}
		count++
		sum += b - a
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if count != n || sum != n*(n-1)/2 {
		t.Errorf("%d rows with sum %d", count, sum)
	}
	if grown := most - begin; grown > 64<<20 {
		t.Errorf("memory grew by %d MB while reading 160 MB", grown>>20)
	}
}
