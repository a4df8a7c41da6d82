package query

import (
	"sync"
	"testing"

	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/schemas"
)

// TestDisclosureSecret: all that ask at once have the same one, which stays. One that was lost
// is drawn again, though the engine remembers it.
func TestDisclosureSecret(t *testing.T) {
	db := clickhousetest.Open(t)
	if _, err := schemas.Apply(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	ask := func() string {
		secret, err := New(db).DisclosureSecret(t.Context())
		if err != nil || len(secret) < 32 {
			t.Errorf("secret %q, error %v", secret, err)
		}
		return secret
	}
	var asking sync.WaitGroup
	together := make([]string, 8)
	for i := range together {
		asking.Go(func() { together[i] = ask() })
	}
	asking.Wait()
	first := ask()
	for _, secret := range together {
		if secret != first {
			t.Errorf("one has %q, another %q", secret, first)
		}
	}
	var rows uint64
	if err := db.QueryRow(t.Context(), "SELECT count() FROM disclosure_secret").Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d are kept, error %v", rows, err)
	}
	if err := db.Exec(t.Context(), "ALTER TABLE disclosure_secret DELETE WHERE 1 SETTINGS mutations_sync = 2"); err != nil {
		t.Fatal(err)
	}
	if again := ask(); again == first || again != ask() {
		t.Errorf("after the loss it is %q, was %q", again, first)
	}
}
