package dashboard

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestReportsWaitForTheirTurn: more than may be made at once wait, and who waited too
// long is told so and may come again.
func TestReportsWaitForTheirTurn(t *testing.T) {
	s := newSite(t, io.Discard)
	s.turns = turns{make(chan struct{}, 1), time.Millisecond, time.Minute}
	began, end := make(chan struct{}), make(chan struct{})
	held := s.serve(s.inTurn(func(http.ResponseWriter, *http.Request) error {
		began <- struct{}{}
		<-end
		return nil
	}))
	quick := s.serve(s.inTurn(func(w http.ResponseWriter, _ *http.Request) error {
		_, err := io.WriteString(w, "figures")
		return err
	}))
	ask := func(h http.Handler) *httptest.ResponseRecorder {
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/reports/observations.csv", nil))
		return answer
	}
	ended := make(chan struct{})
	go func() { defer close(ended); ask(held) }()
	<-began
	if answer := ask(quick); answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") != "60" || !strings.Contains(answer.Body.String(), "as this computer can make at once") {
		t.Errorf("while one is made the next gets %d, %v:\n%s", answer.Code, answer.Header(), answer.Body)
	}
	close(end)
	<-ended
	if answer := ask(quick); answer.Code != http.StatusOK || answer.Body.String() != "figures" {
		t.Errorf("after it the next gets %d", answer.Code)
	}
}

// TestAReaderWhoTakesNothing holds no turn for ever.
func TestAReaderWhoTakesNothing(t *testing.T) {
	s := newSite(t, io.Discard)
	s.turns = turns{make(chan struct{}, 1), time.Minute, 100 * time.Millisecond}
	failed := make(chan error, 1)
	server := httptest.NewServer(compressed(s.serve(s.inTurn(func(w http.ResponseWriter, _ *http.Request) error {
		for {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				failed <- err
				panic(http.ErrAbortHandler)
			}
		}
	}))))
	defer server.Close()
	request, err := http.NewRequest(http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", "identity")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := <-failed; !strings.Contains(err.Error(), "timeout") {
		t.Errorf("the report ended with %v", err)
	}
	if err := s.turns.take(t.Context()); err != nil {
		t.Errorf("its turn is still taken: %v", err)
	}
}
