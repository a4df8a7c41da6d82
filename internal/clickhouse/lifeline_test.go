package clickhouse_test

import (
	"errors"
	"testing"

	"stalkstats/internal/clickhouse"
)

// ending tells the owner to end and waits until it takes nobody new.
func ending(t *testing.T, owner *helper, o clickhouse.Options) {
	t.Helper()
	owner.end()
	for t.Context().Err() == nil {
		db, err := clickhouse.Open(t.Context(), o)
		if errors.Is(err, clickhouse.ErrEnding) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestClientsMayFinish: who works through the socket when its owner is told to
// end goes on, with pauses between statements, and the owner waits for the end.
func TestClientsMayFinish(t *testing.T) {
	t.Setenv(helperGrace, "1h")
	owner, db, o := serving(t)
	exec1(t, db, observations)
	ending(t, owner, o)
	for n := range 3 {
		insertObservations(t, db, 1000)
		if got := scan1[uint64](t, db, "SELECT count() FROM observations"); got != uint64(n+1)*1000 {
			t.Errorf("count = %d", got)
		}
	}
	select {
	case <-db.Ending():
		t.Error("the client is told to stop within the grace time")
	default:
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if err := owner.cmd.Wait(); err != nil {
		t.Errorf("the owner: %v", err)
	}
	again := open(t, clickhouse.Options{Dir: o.Dir})
	if got := scan1[uint64](t, again, "SELECT count() FROM observations"); got != 3000 {
		t.Errorf("kept = %d", got)
	}
}

// TestClientsAreStopped: once the grace time is over a client is told, and can
// still write down how far it came.
func TestClientsAreStopped(t *testing.T) {
	owner, db, o := serving(t)
	exec1(t, db, observations)
	owner.end()
	<-db.Ending()
	insertObservations(t, db, 1000)
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if err := owner.cmd.Wait(); err != nil {
		t.Errorf("the owner: %v", err)
	}
	again := open(t, clickhouse.Options{Dir: o.Dir})
	if got := scan1[uint64](t, again, "SELECT count() FROM observations"); got != 1000 {
		t.Errorf("kept = %d", got)
	}
	if again.Ending() != nil {
		t.Error("nobody else owns this engine, and yet it may be ending")
	}
}
