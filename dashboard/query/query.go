// Package query asks ClickHouse the dashboard's questions: one .sql file and
// one function for each. It reads what is published, and nothing else.
package query

import (
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// A Reader asks over one connection pool. It is safe for concurrent use.
type Reader struct {
	conn driver.Conn
}

// New makes a Reader; the caller keeps and closes the connection.
func New(conn driver.Conn) *Reader { return &Reader{conn: conn} }

// Latest, as a time to ask at, means what is served now.
var Latest = time.Time{}

// A Filter says which figures are wanted. An empty list means all.
type Filter struct {
	Measures []string  // measure IDs, counted or derived
	Areas    []string  // ONS codes; stats.EnglandAndWales is worked out from the forces
	Sources  []string  // source names
	From, To time.Time // periods that lie wholly between, both days included; zero: no bound
	AsAt     time.Time // figures as served at this moment; Latest: now
}
