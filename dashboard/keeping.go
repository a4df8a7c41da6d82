package dashboard

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"stalkstats/dashboard/signin"
	"stalkstats/internal/lately"
)

const (
	// mostKept is how many bytes of pages and charts are kept, packed or not.
	mostKept = 64 << 20
	// keptFor is how long a page is kept that nothing has changed: a source may have
	// become late meanwhile.
	keptFor = 5 * time.Minute
	// makingFor is how long a page may take that is made for several readers: it does
	// not end when one of them goes away.
	makingFor = time.Minute
)

// mostKept is how many bytes a site keeps: the two for people who may see some areas in
// detail keep less.
func (s *site) mostKept() int {
	if s.forSome {
		return mostKept / 4
	}
	return mostKept
}

// A stamper tells one state of what is served, entered and recorded from another.
type stamper interface {
	Stamp(ctx context.Context) (string, error)
}

// keeping keeps the pages that show figures by what they show: the address and the
// state of the tables. Who asks for one while it is being made waits for it.
type keeping struct {
	patterns map[string]bool // of the pages that are kept
	state    stamper
	pages    *lately.Asked[pageKey, *answer]
	making   singleflight.Group
	// turns is for the pages that are made at once: with more than keep the
	// processors busy all would be late together, and some by twice as much.
	turns chan struct{}
}

// pagesAtOnce is how many pages are made at once. While one waits for the database
// another is worked out.
func pagesAtOnce() int { return 2 * runtime.GOMAXPROCS(0) }

// pageKey names a page. All pages of a site are for one audience; what stands on them
// depends on what a reader may do and see, and never on who it is.
type pageKey struct {
	address string
	packed  bool
	role    signin.Role
	detail  string // the areas that the reader may see in detail, where that is some
}

// inState is the name of a page in one state of the tables. Each text in it is quoted: one
// with a space in it is never taken for two.
func (k pageKey) inState(stamp string) string {
	return fmt.Sprintf("%q %t %d %q %q", k.address, k.packed, k.role, k.detail, stamp)
}

// An answer is a page as it was sent, and the state that it shows.
type answer struct {
	status int
	header http.Header
	body   []byte
	tag    string
	stamp  string
	made   time.Time
	cause  any // of the panic in which it ended
}

// kept answers with what is kept, or keeps what is answered.
func (s *site) kept(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := s.pages.Handler(r)
		if r.Method != http.MethodGet && r.Method != http.MethodHead || !s.keeping.patterns[pattern] {
			next.ServeHTTP(w, r)
			return
		}
		stamp, err := s.keeping.state.Stamp(r.Context())
		if err != nil {
			next.ServeHTTP(w, r) // the page says what cannot be read
			return
		}
		key := pageKey{r.URL.RequestURI(), takesGzip(r.Header.Values("Accept-Encoding")), s.personOf(r).Role, strings.Join(detailOf(r), " ")}
		a, ok := s.keeping.pages.Get(key)
		if ok && s.stands(a, stamp) {
			a.send(w, r)
			return
		}
		making := s.keeping.making.DoChan(key.inState(stamp), func() (any, error) { return s.makeKept(next, r, key, stamp), nil })
		select {
		case <-r.Context().Done(): // the reader has gone
		case made := <-making:
			made.Val.(*answer).send(w, r)
		}
	})
}

// stands reports whether an answer is still what would be made now.
func (s *site) stands(a *answer, stamp string) bool {
	now := s.now()
	return a.stamp == stamp && now.Sub(a.made) < keptFor && now.In(london()).YearDay() == a.made.In(london()).YearDay()
}

// makeKept makes a page. One in which anything failed is not kept.
func (s *site) makeKept(next http.Handler, r *http.Request, key pageKey, stamp string) *answer {
	if a, ok := s.keeping.pages.Get(key); ok && s.stands(a, stamp) {
		return a // made since it was looked for
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), makingFor)
	defer cancel()
	select {
	case s.keeping.turns <- struct{}{}:
		defer func() { <-s.keeping.turns }()
	case <-ctx.Done(): // whatever is asked now says that it took too long
	}
	var faulty atomic.Bool
	r = r.Clone(context.WithValue(ctx, faultyKey, &faulty))
	r.Method = http.MethodGet // who asks for its header alone has it made for others too
	r.Header.Set("Accept-Encoding", map[bool]string{true: "gzip", false: "identity"}[key.packed])
	a := answerOf(next, r)
	a.stamp, a.made = stamp, s.now()
	if a.status == http.StatusOK && !faulty.Load() {
		hash := sha256.Sum256(a.body)
		a.tag = `W/"` + hex.EncodeToString(hash[:16]) + `"`
		s.keeping.pages.Put(key, a, len(key.address)+len(a.body))
	}
	return a
}

// settle waits until the pages are made that are being made: the reader of one may have
// gone, and nobody else waits for it.
func (k *keeping) settle() {
	for range cap(k.turns) {
		k.turns <- struct{}{}
	}
	for range cap(k.turns) {
		<-k.turns
	}
}

// faultyKey is where a page finds how to say that something in it failed.
const faultyKey contextKey = 1

// spoil says that the page of a request must not be kept, since a part of it failed.
func spoil(r *http.Request) {
	if faulty, ok := r.Context().Value(faultyKey).(*atomic.Bool); ok {
		faulty.Store(true)
	}
}

// answerOf is what a handler answers.
func answerOf(next http.Handler, r *http.Request) (a *answer) {
	a = &answer{header: http.Header{}}
	rec := &recording{answer: a}
	defer func() {
		if a.cause = recover(); a.cause != nil {
			a.cause = fmt.Errorf("%v\n%s", a.cause, debug.Stack())
		}
		a.body = rec.body.Bytes()
	}()
	next.ServeHTTP(rec, r)
	rec.WriteHeader(http.StatusServiceUnavailable) // where nothing was written it took too long
	return a
}

// recording is an answer while it is written.
type recording struct {
	answer *answer
	body   bytes.Buffer
}

func (r *recording) Header() http.Header { return r.answer.header }

func (r *recording) WriteHeader(status int) {
	if r.answer.status == 0 {
		r.answer.status = status
	}
}

func (r *recording) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}

// send sends an answer, or only that the reader has it already.
func (a *answer) send(w http.ResponseWriter, r *http.Request) {
	if a.cause != nil {
		panic(a.cause)
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if a.tag != "" && unchanged(w, r, a.tag) {
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the reader may have gone
}

// takesGzip reports whether a reader takes what gzip has packed: RFC 9110, section 12.5.3.
func takesGzip(encodings []string) bool {
	for part := range strings.SplitSeq(strings.Join(encodings, ","), ",") {
		name, weight, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		_, q, _ := strings.Cut(weight, "=")
		refused, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		return err != nil || refused > 0
	}
	return false
}
