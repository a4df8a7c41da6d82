package dashboard

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
)

// A block is a part of a page that can fail alone: the rest of the page stands.
type block[T any] struct {
	Shows  T
	Failed string // said instead of what it shows; empty where it did not fail
}

// guarded makes a part of a page. What goes wrong in it, a panic too, is logged
// and said in the block, with the request's id by which the log can be searched;
// a problem is said as it is. What names the part inside a sentence.
func guarded[T any](s *site, r *http.Request, what string, build func() (T, error)) (b block[T]) {
	fail := func(err error) block[T] {
		spoil(r)
		var p problem
		if errors.As(err, &p) {
			return block[T]{Failed: p.sentence}
		}
		if r.Context().Err() == nil { // else the reader has gone
			s.log.ErrorContext(r.Context(), "part of a page failed", "request", RequestID(r.Context()), "path", r.URL.Path, "part", what, "error", err)
		}
		return block[T]{Failed: fmt.Sprintf("%s could not be read, and the fault is ours. It has been written to the log as %s. The rest of this page stands.",
			capitalised(what), RequestID(r.Context()))}
	}
	defer func() {
		if cause := recover(); cause != nil {
			b = fail(fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
		}
	}()
	shows, err := build()
	if err != nil {
		return fail(err)
	}
	return block[T]{Shows: shows}
}

const (
	whatIsFresh     = "whether the figures are up to date"
	whatIsAnnotated = "what people put onto the charts"
)

// unread is what is said of the parts that failed.
func unread(failed ...string) []string {
	return slices.DeleteFunc(failed, func(words string) bool { return words == "" })
}
