package dashboard

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/dashboard/signin"
)

const chargesPage = "/measures/stalking_charges"

// TestAPageIsKeptUntilSomethingChanges, and a reader who has it is sent nothing.
func TestAPageIsKeptUntilSomethingChanges(t *testing.T) {
	w := newCharges(t)
	first := w.get(chargesPage)
	tag := first.Header().Get("ETag")
	if first.Code != http.StatusOK || !strings.HasPrefix(tag, `W/"`) {
		t.Fatalf("%d, tag %q: %s", first.Code, tag, page(t, first))
	}
	if again := w.send(http.MethodGet, chargesPage, "", nil, "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("a reader who has it: %d, %d bytes", again.Code, again.Body.Len())
	}
	if head := w.send(http.MethodHead, chargesPage, "", nil); head.Code != http.StatusOK || head.Header().Get("ETag") != tag {
		t.Errorf("HEAD: %d, tag %q, want %q", head.Code, head.Header().Get("ETag"), tag)
	}
	if first.Header().Get("X-Request-Id") == w.get(chargesPage).Header().Get("X-Request-Id") {
		t.Error("two requests have one name")
	}
	later := testNow.Add(keptFor)
	for what, change := range map[string]func(){
		"a release": func() {
			w.insert(t, observations, "('c1','charges','2024','stalking_charges','E23000026','2024-01-01','2024-01-31',77,'','charges.csv',9)")
			w.exec(t, `INSERT INTO releases (release_id, source, file, sha256, retrieved_at, created_at) VALUES ('c1','charges','charges.csv','s','2024-03-01','2024-03-01')`)
			w.exec(t, `INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('charges','2024','c1','2024-03-01','c1')`)
		},
		"a note": func() {
			if made := w.post(noteForm, annotateForm("day", "2022-03-01")); made.Code != http.StatusSeeOther {
				t.Fatal(made.Code)
			}
		},
		"a run":     func() { w.run(t, "another", "load", "failed", "2024-10-14 06:00:00", "x.csv", "") },
		"the clock": func() { w.now = func() time.Time { return later } },
	} {
		tag = w.get(chargesPage).Header().Get("ETag")
		change()
		if w.get(chargesPage).Header().Get("ETag") == tag {
			t.Errorf("after %s the page is the former one", what)
		}
	}
}

// TestAPageWithAFaultIsNotKept: it is made again, and then it is whole.
func TestAPageWithAFaultIsNotKept(t *testing.T) {
	w := newCharges(t)
	w.exec(t, "RENAME TABLE runs TO runs_away")
	broken := w.get(chargesPage)
	w.exec(t, "RENAME TABLE runs_away TO runs")
	if tag := broken.Header().Get("ETag"); tag != "" {
		t.Errorf("a page that failed has the tag %q", tag)
	}
	w.exec(t, "RENAME TABLE series_breaks TO breaks_away")
	w.get(chargesPage)
	w.exec(t, "RENAME TABLE breaks_away TO series_breaks")
	if whole := w.get(chargesPage); whole.Code != http.StatusOK || strings.Contains(page(t, whole), "could not be read") {
		t.Errorf("%d: %s", whole.Code, page(t, whole))
	}
}

// asking is a site of one page that a test makes.
func asking(t *testing.T, made http.HandlerFunc) (s *site, get func(headers ...string) *httptest.ResponseRecorder) {
	t.Helper()
	w := newWorks(t)
	s = w.site
	handler := s.kept(compressed(made)) // newWorks has said which pages are kept
	return s, func(headers ...string) *httptest.ResponseRecorder {
		recorder, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/about", nil)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		handler.ServeHTTP(recorder, r)
		return recorder
	}
}

// TestReadersOfOnePageAtOnce: it is made once, and all have it, also those who came
// while it was made and those whose neighbour went away.
func TestReadersOfOnePageAtOnce(t *testing.T) {
	var made atomic.Int32
	began, goOn := make(chan bool), make(chan bool)
	_, get := asking(t, func(w http.ResponseWriter, _ *http.Request) {
		if made.Add(1) == 1 {
			close(began)
		}
		<-goOn
		_, _ = io.WriteString(w, "the page")
	})
	var readers sync.WaitGroup
	for range 20 {
		readers.Go(func() {
			if got := get(); got.Code != http.StatusOK || got.Body.String() != "the page" {
				t.Errorf("%d: %q", got.Code, got.Body)
			}
		})
	}
	<-began
	close(goOn)
	readers.Wait()
	if n := made.Load(); n != 1 {
		t.Errorf("the page was made %d times", n)
	}
}

// TestKeptPagesArePacked for those who take that, and for nobody else.
func TestKeptPagesArePacked(t *testing.T) {
	words := strings.Repeat("one word after the other ", 100)
	_, get := asking(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, words)
	})
	for range 2 { // made, and kept
		for encoding, packed := range map[string]bool{"gzip, deflate, br, zstd": true, "GZIP;q=0.5": true, "br, gzip": true, "": false, "gzip;q=0": false, "gzip; q=0.000, br": false, "identity": false} {
			got := get("Accept-Encoding", encoding)
			var body io.Reader = got.Body
			if is := got.Header().Get("Content-Encoding") == "gzip"; is != packed {
				t.Errorf("%q: packed %v", encoding, is)
			} else if packed {
				var err error
				if body, err = gzip.NewReader(got.Body); err != nil {
					t.Fatal(err)
				}
			}
			if text, err := io.ReadAll(body); string(text) != words || err != nil || got.Header().Get("Vary") != "Accept-Encoding" {
				t.Errorf("%q: %q, %v, varies by %q", encoding, text, err, got.Header().Get("Vary"))
			}
		}
	}
}

// TestWhatFailsIsMadeAgain: an error, a panic and a page that says nothing.
func TestWhatFailsIsMadeAgain(t *testing.T) {
	var made int
	answers := []http.HandlerFunc{
		func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "not now", http.StatusBadGateway) },
		func(http.ResponseWriter, *http.Request) { panic("a fault") },
		func(http.ResponseWriter, *http.Request) {},
		func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the page") },
	}
	s, get := asking(t, func(w http.ResponseWriter, r *http.Request) { made++; answers[min(made, len(answers))-1](w, r) })
	asked := func() (status int) {
		defer func() {
			if cause := recover(); cause != nil {
				status = http.StatusInternalServerError
			}
		}()
		return get().Code
	}
	for i, want := range []int{502, 500, 503, 200, 200} {
		if got := asked(); got != want {
			t.Errorf("answer %d is %d, want %d", i+1, got, want)
		}
	}
	if made != len(answers) {
		t.Errorf("made %d times", made)
	}
	s.now = func() time.Time { return testNow.AddDate(0, 0, 1) }
	if asked(); made != len(answers)+1 {
		t.Error("the page of yesterday was sent")
	}
}

// TestReadAhead: the pages of the home force are kept before anybody asks for one.
func TestReadAhead(t *testing.T) {
	w := newCharges(t)
	routes := w.routes(Options{Reader: query.New(w.db)})
	ahead := &Site{w.protect(routes), w.site, w.site.kept(compressed(routes)), query.New(w.db)}
	ahead.openAhead(t.Context())
	for _, address := range []string{"/", "/compare", "/orders", "/recommendations", "/measures", changesAddress(w.home, w.monthAgo())} {
		if _, ok := w.keeping.pages.Get(pageKey{address, true, signin.Admin, ""}); !ok {
			t.Errorf("%s is not kept", address)
		}
	}
}

// TestSettle: the end waits for a page that is being made, though its reader has gone, and
// leaves all turns free.
func TestSettle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeping{turns: make(chan struct{}, 2)}
		k.turns <- struct{}{} // a page is being made
		ended := make(chan struct{})
		go func() {
			k.settle()
			close(ended)
		}()
		synctest.Wait()
		select {
		case <-ended:
			t.Error("it did not wait")
		default:
		}
		<-k.turns
		<-ended
		if len(k.turns) != 0 {
			t.Errorf("%d turns are taken", len(k.turns))
		}
	})
}

// TestPagesAreMadeInTurn: no more at once than keep the processors busy, and each has
// its turn.
func TestPagesAreMadeInTurn(t *testing.T) {
	var counting sync.Mutex
	at, most, made := 0, 0, 0
	s, _ := asking(t, nil)
	full := make(chan bool)
	handler := s.kept(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		counting.Lock()
		at++
		most = max(most, at)
		if made++; made == pagesAtOnce() {
			close(full) // as many as may be are being made, and all wait here
		}
		counting.Unlock()
		<-full
		counting.Lock()
		at--
		counting.Unlock()
		_, _ = io.WriteString(w, "the page")
	}))
	var readers sync.WaitGroup
	for i := range 5 * pagesAtOnce() {
		readers.Go(func() {
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/about?page="+strconv.Itoa(i), nil))
			if recorder.Body.String() != "the page" {
				t.Errorf("page %d: %d", i, recorder.Code)
			}
		})
	}
	readers.Wait()
	if most != pagesAtOnce() {
		t.Errorf("%d pages were made at once, want %d", most, pagesAtOnce())
	}
}

// TestPagesAreNotTakenForEachOther: two pages, or two states of one, have two names while
// they are made, whatever stands in an address.
func TestPagesAreNotTakenForEachOther(t *testing.T) {
	seen := map[string]string{}
	for _, one := range []struct {
		key   pageKey
		stamp string
	}{
		{pageKey{"/x", false, signin.Viewer, "E1 E2"}, "s"},
		{pageKey{"/x", false, signin.Viewer, ""}, "s"},
		{pageKey{"/x", true, signin.Viewer, ""}, "s"},
		{pageKey{"/x", false, signin.Analyst, ""}, "s"},
		{pageKey{"/x false viewer E1", false, signin.Viewer, ""}, "s"}, // an address with a space, and areas that read like the rest of it
		{pageKey{"/x", false, signin.Viewer, "E1 false viewer "}, "s"},
		{pageKey{"/x", false, signin.Viewer, "E1}a"}, "b"},
		{pageKey{"/x", false, signin.Viewer, "E1"}, "a}b"},
	} {
		name := one.key.inState(one.stamp)
		if other, there := seen[name]; there {
			t.Errorf("%+v %q is called like %s", one.key, one.stamp, other)
		}
		seen[name] = fmt.Sprintf("%+v %q", one.key, one.stamp)
	}
}
