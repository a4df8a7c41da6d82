package dashboard

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"stalkstats/internal/stats"
)

// TestRunWithoutAHash: a file that was refused before it was kept has no
// SHA-256, and its page does not speak of one.
func TestRunWithoutAHash(t *testing.T) {
	s := newSite(t, io.Discard)
	for hash, want := range map[string]bool{"": false, "ab12": true} {
		page := buildRun(runInput{run: stats.Run{ID: "r", Source: "force_return", Outcome: stats.RejectedRun, File: "list.csv", SHA256: hash, StartedAt: testNow}})
		w := httptest.NewRecorder()
		if err := s.render(w, "run", &page); err != nil {
			t.Fatal(err)
		}
		if got := w.Body.String(); strings.Contains(got, "SHA-256") != want || !strings.Contains(got, hash) {
			t.Errorf("with the hash %q:\n%s", hash, got)
		}
	}
}
