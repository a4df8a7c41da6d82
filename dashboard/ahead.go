package dashboard

import (
	"context"
	"net/http"
	"time"

	"stalkstats/dashboard/query"
	"stalkstats/dashboard/signin"
)

// lookEvery is how often it is looked whether something was published.
const lookEvery = 2 * time.Second

// A Site is the handler of all pages, which can also open its own.
type Site struct {
	http.Handler
	site   *site
	inner  http.Handler // without the log of requests, for nobody asked
	reader Reader
}

// ReadAhead opens the pages of the home force whenever something was published,
// one after the other, until the context ends: they are then kept, and so is what
// the pages of other forces ask. A reader who comes earlier does not wait for it. It
// ends when no page is being made any more: what they read of may then be closed.
func (s *Site) ReadAhead(ctx context.Context) {
	defer s.site.keeping.settle()
	if some := s.site.some; some != nil {
		defer some.detailed.keeping.settle()
		defer some.plain.keeping.settle()
	}
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for former := ""; ; {
		if now, err := s.reader.Stamp(ctx); err == nil && now != former {
			s.openAhead(ctx)
			former = now
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// openAhead opens the pages once. What fails is told to the readers who ask for it.
func (s *Site) openAhead(ctx context.Context) {
	paths := []string{"/", "/recommendations", "/compare", "/orders", "/measures"}
	if s.site.isInternal() {
		paths = append(paths, changesAddress(s.site.home, s.site.monthAgo()))
	}
	if measures, err := s.reader.Measures(ctx, query.Latest); err == nil {
		for _, m := range headlineMeasures(measures) {
			paths = append(paths, "/measures/"+m.ID)
		}
	}
	for _, path := range paths {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, path, nil)
		if err != nil || ctx.Err() != nil {
			return
		}
		r.Header.Set("Accept-Encoding", "gzip")
		if s.site.signIn != nil {
			r = withPerson(r, signin.Person{Role: signin.Viewer}) // most readers may do no more
		}
		answerOf(s.inner, r)
	}
}
