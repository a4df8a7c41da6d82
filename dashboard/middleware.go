package dashboard

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"
)

// The policy lets a page load our own script, style sheet and forms, and
// nothing else: no inline script, no inline style, no frame. ECharts draws
// SVG and sets styles through the object model, which the policy allows. The only
// pictures are our own charts, which the script makes PNG of.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// protect wraps the whole site. The order matters: the outermost gives the
// request its id, and the log sees the status that a panic ends with.
//
// A site for everybody answers whatever name it is asked by, and logs no request.
func (s *site) protect(next http.Handler) http.Handler {
	answer := s.ownForms(s.bySight(s.kept(compressed(next))))
	if !s.isInternal() {
		return s.identify(watched(s.secure(s.recoverPanics(answer))))
	}
	return s.identify(watched(s.logRequests(s.secure(s.recoverPanics(s.ownHost(s.throughProxy(s.admit(answer))))))))
}

type contextKey int

const requestKey contextKey = 0

// identify names each request, so that an error page and the log can be
// brought together.
func (s *site) identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var id [8]byte
		rand.Read(id[:]) // never fails
		name := hex.EncodeToString(id[:])
		w.Header().Set("X-Request-Id", name)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey, name)))
	})
}

// RequestID is the name of the request that a context is of, as the log and the header
// X-Request-Id have it; empty where it is of none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey).(string)
	return id
}

// secure sets the headers that every answer carries. Figures are internal:
// a cache may keep a page for its reader alone, and must ask before using it.
func (s *site) secure(next http.Handler) http.Handler {
	overTLS := s.signIn != nil && s.signIn.BaseURL().Scheme == "https"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "private, no-cache")
		if overTLS {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// ownHost answers only requests that name this site as their host. Without sign-in
// that is this computer: a page from elsewhere, whose name its owner points at
// 127.0.0.1, could otherwise read the figures in a reader's browser. With sign-in it is
// where readers open the pages, to which the cookies belong.
func (s *site) ownHost(next http.Handler) http.Handler {
	own, sentence := isLoopback, "These pages are only for this computer: open them as localhost or 127.0.0.1."
	if s.signIn != nil {
		base := s.signIn.BaseURL()
		own, sentence = func(host string) bool { return strings.EqualFold(host, base.Host) }, "These pages are at "+base.String()+": open them there."
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !own(r.Host) && !(s.signIn != nil && isProbe(r)) {
			refuseEarly(w, r, problem{status: http.StatusMisdirectedRequest, sentence: sentence})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isProbe reports whether a load balancer asks how the program is, which calls it by
// its address.
func isProbe(r *http.Request) bool { return r.URL.Path == "/healthz" || r.URL.Path == "/readyz" }

// refuseEarly answers where no page can be made yet.
func refuseEarly(w http.ResponseWriter, r *http.Request, p problem) {
	if isAPI(r) {
		writeProblem(w, r, p)
		return
	}
	http.Error(w, p.sentence, p.status)
}

// isLoopback reports whether a request's host, with or without a port, is this
// computer's own name or address.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	} else {
		host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.Unmap().IsLoopback()
}

// ownForms refuses what a page from elsewhere makes a reader's browser send.
func (s *site) ownForms(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.writeError(w, r, problem{status: http.StatusForbidden, sentence: "This was sent from a page of another site, and nothing was done. Open these pages and send it from there."})
	}))
	return protection.Handler(next)
}

// recoverPanics answers a panic like any other failure. http.ErrAbortHandler
// is how a download says that it broke off, and must reach the server.
func (s *site) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler || w.(*watchedWriter).status != 0 {
				panic(http.ErrAbortHandler)
			}
			s.writeError(w, r, fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
		}()
		next.ServeHTTP(w, r)
	})
}

// watched remembers what is answered.
func watched(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&watchedWriter{ResponseWriter: w}, r)
	})
}

// logRequests writes one line for each request.
func (s *site) logRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		logged := w.(*watchedWriter)
		started := time.Now()
		defer func() {
			s.log.InfoContext(r.Context(), "request", "request", RequestID(r.Context()), "method", r.Method,
				"path", r.URL.Path, "status", logged.status, "bytes", logged.bytes, "duration", time.Since(started))
		}()
		next.ServeHTTP(w, r)
	})
}

// watchedWriter remembers what was answered.
type watchedWriter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *watchedWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watchedWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	if err != nil {
		err = errReaderGone
	}
	return n, err
}

// errReaderGone says that an answer could not be sent. The connection's own error
// tells the address of the reader, which stands in no log.
var errReaderGone = errors.New("the reader has gone")

// Unwrap lets http.ResponseController reach the connection.
func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
