package clickhouse

import (
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

func TestTooOld(t *testing.T) {
	for version, want := range map[string]bool{
		"18.16.1": true, "24.7.9": true, "23.12.1": true, "24.8.0": false, "24.8.14": false,
		"24.10.1": false, "25.1.1": false, "26.7.2": false,
	} {
		if got := tooOld(proto.ParseVersion(version)); got != want {
			t.Errorf("tooOld(%s) = %v, want %v", version, got, want)
		}
	}
}
