package clickhouse_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"stalkstats/internal/clickhouse"
)

// TestLogThroughSocket: what a client tells stands in the log of the owner, in
// its order, and what is no record is refused and harms nothing.
func TestLogThroughSocket(t *testing.T) {
	owner, db, o := serving(t)
	db.Log().Warn("run ended", "outcome", "published", "read", 5, "took", 1500*time.Millisecond, "problem", "", "error", errors.New("a \"b\"\nmsg=c"))
	db.Log().Debug("too fine for this log")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", o.Socket)
	}}}
	for _, body := range []string{"", "x", "[]", `{"level":"loud","msg":"x"}`, `{"msg":"cut`, `{"msg":"` + strings.Repeat("x", 2<<20) + `"}`} {
		resp, err := client.Post("http://stalkstats/log", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != http.StatusBadRequest || resp.Body.Close() != nil {
			t.Errorf("%.20q: status %d", body, resp.StatusCode)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db.Log().Info("the owner is not there any more for this one") // and that is no fault
	owner.end()
	if err := owner.cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	said := owner.stderr.String()
	if want := `level=WARN msg="run ended" outcome=published read=5 took=1.5s problem="" error="a \"b\"\nmsg=c" by="command line"`; !strings.Contains(said, want) || strings.Count(said, "\n") > 2 {
		t.Errorf("the log of the owner: %s\nwant %s", said, want)
	}
	own := open(t, clickhouse.Options{Dir: o.Dir})
	if own.Log().Enabled(t.Context(), slog.LevelError) {
		t.Error("who owns the engine has a log of its own")
	}
}
