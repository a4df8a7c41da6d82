package source

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	// maxAttempts is how often a server is asked for one file.
	maxAttempts = 5
	// maxPause is the longest that is waited between two attempts. A server
	// that asks for a longer rest is left alone until the next run.
	maxPause = 2 * time.Minute
	// maxRedirects is how often a server may send on to another address.
	maxRedirects = 5
)

// fromWeb fetches a file from a web address and keeps it.
func (f *Fetcher) fromWeb(ctx context.Context, source string, item Item, known Validators, now time.Time) (Snapshot, error) {
	u, err := webAddress(item.Address)
	if err != nil {
		return Snapshot{}, err
	}
	before, held := f.store.kept(known.SHA256)
	if !held {
		known = Validators{}
	}
	return ask(ctx, f, u, known, func(resp *http.Response) (Snapshot, error) {
		snap := before
		if resp.StatusCode == http.StatusNotModified {
			snap.NotModified, snap.RetrievedAt = true, now
			snap.ETag, snap.LastModified = known.ETag, known.LastModified
		} else {
			body, err := f.file(resp, shown(u))
			if err != nil {
				return Snapshot{}, err
			}
			if snap, err = f.store.keep(source, body, f.rules.MaxSize, now); err != nil {
				return Snapshot{}, keeping(shown(u), err)
			}
		}
		snap.File, snap.From = nameOf(resp, item), shown(u)
		redirected := resp.Request.URL.String() != u.String()
		if redirected {
			// What the last address says of its file cannot be asked of the first.
			snap.Final = shown(resp.Request.URL)
			return snap, nil
		}
		snap.ETag = headerOr(resp, "ETag", snap.ETag)
		snap.LastModified = headerOr(resp, "Last-Modified", snap.LastModified)
		return snap, nil
	})
}

// headerOr is a header that may be kept and sent back, or what it was before.
func headerOr(resp *http.Response, name, otherwise string) string {
	if value := resp.Header.Get(name); value != "" && len(value) <= 1024 {
		return value
	}
	return otherwise
}

// nameOf is what the server calls the file, or what the address does.
func nameOf(resp *http.Response, item Item) string {
	if _, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition")); err == nil {
		if name := cleanName(params["filename"]); name != "" {
			return name
		}
	}
	return item.Name
}

// ask asks a web address until take has what it wants of the answer, or
// nothing more can be hoped for. take gets answers with a file, and those that
// say that the file of known has not changed.
func ask[T any](ctx context.Context, f *Fetcher, u *url.URL, known Validators, take func(*http.Response) (T, error)) (T, error) {
	var none T
	if err := f.asks(u); err != nil {
		return none, err
	}
	limited, stop := context.WithTimeout(ctx, f.rules.Timeout)
	defer stop()
	client := f.client()
	asked := 0
	got, err := backoff.Retry(limited, func() (T, error) {
		asked++
		got, err := once(limited, f, client, u, known, take)
		if err != nil && limited.Err() != nil {
			err = f.ended(ctx, shown(u), err)
		}
		return got, toRetry(err)
	}, backoff.WithBackOff(f.pauses()), backoff.WithMaxTries(maxAttempts), backoff.WithMaxElapsedTime(f.rules.Timeout))
	if err == nil {
		return got, nil
	}
	var own *fault
	switch {
	case !errors.As(err, &own):
		if limited.Err() != nil { // it ended in a pause
			err = f.ended(ctx, shown(u), err)
		}
		return none, err
	case own.again && asked > 1:
		return none, &fault{says: fmt.Sprintf("%s (asked %d times)", own.says, asked), cause: own.cause}
	}
	return none, own
}

// pauses are those between attempts: each is about twice the one before, by
// chance up to half longer or shorter, so that many programs do not come back
// all at once.
func (f *Fetcher) pauses() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{InitialInterval: f.rules.Pause, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: maxPause}
}

// toRetry tells the retrying what may pass, and how long the server asks it to
// wait.
func toRetry(err error) error {
	var own *fault
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &own) || !own.again:
		return backoff.Permanent(err)
	case own.wait > 0:
		return errors.Join(own, &backoff.RetryAfterError{Duration: own.wait})
	}
	return own
}

// once is one attempt.
func once[T any](ctx context.Context, f *Fetcher, client *http.Client, u *url.URL, known Validators, take func(*http.Response) (T, error)) (T, error) {
	var none T
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return none, final("%s is not an address that can be asked: check how it is written", shown(u))
	}
	req.Header.Set("User-Agent", "stalkstats")
	req.Header.Set("Accept-Encoding", "identity")
	conditional(req, known)
	resp, err := client.Do(req)
	if err != nil {
		return none, f.reaching(shown(u), err)
	}
	defer resp.Body.Close()
	if err := f.status(resp, shown(u), known); err != nil {
		return none, err
	}
	return take(resp)
}

// conditional asks for the file only if it has changed.
func conditional(req *http.Request, known Validators) {
	if known.ETag != "" {
		req.Header.Set("If-None-Match", known.ETag)
	}
	if known.LastModified != "" {
		req.Header.Set("If-Modified-Since", known.LastModified)
	}
}

// client follows redirects within the rules.
func (f *Fetcher) client() *http.Client {
	return &http.Client{Transport: f.connections(), CheckRedirect: f.redirect}
}

// redirect says why a redirect is not followed, if it is not.
func (f *Fetcher) redirect(to *http.Request, via []*http.Request) error {
	from := shown(via[0].URL)
	been := func(r *http.Request) bool { return r.URL.String() == to.URL.String() }
	switch {
	case slices.ContainsFunc(via, been):
		return final("%s sends on in a circle: open it in a browser and name the address of the file itself", from)
	case len(via) > maxRedirects:
		return final("%s sends on more than %d times: name the address of the file itself", from, maxRedirects)
	case to.URL.User != nil:
		return final("%s sends on to an address with a password in it, and is not followed: tell whoever runs it", from)
	case to.URL.Scheme != "http" && to.URL.Scheme != "https":
		return final("%s sends on to %s, which is no web address, and is not followed: tell whoever runs it", from, shown(to.URL))
	case to.URL.Scheme == "http" && via[len(via)-1].URL.Scheme == "https":
		return final("%s sends on from https to %s, where the file could be changed on its way, and is not followed: name an https address", from, shown(to.URL))
	case f.asks(to.URL) != nil:
		return final("%s sends on to %s, and %s is not in etl.fetch.hosts: add it there if it may be asked", from, shown(to.URL), to.URL.Host)
	}
	// The address that sends on may hold a key, and what is known of its file
	// is nothing to another address.
	for _, name := range []string{"Referer", "If-None-Match", "If-Modified-Since"} {
		to.Header.Del(name)
	}
	return nil
}

// status says why an answer brings no file, if it does not.
func (f *Fetcher) status(resp *http.Response, shown string, known Validators) error {
	code := resp.StatusCode
	asked := resp.Request.Header.Get("If-None-Match") + resp.Request.Header.Get("If-Modified-Since")
	switch {
	case code == http.StatusOK, code == http.StatusNotModified && asked != "":
		return nil
	case code == http.StatusNotFound:
		return final("%s is not there (the server answers 404): check the address, the publisher may have moved the file", shown)
	case code == http.StatusGone:
		return final("%s is no longer there (the server answers 410): the publisher has taken it away, look for its new address", shown)
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusProxyAuthRequired:
		return final("%s may not be read from here (the server answers %d): ask whoever runs it for access, or name another address", shown, code)
	case slices.Contains([]int{http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusServiceUnavailable}, code):
		return busy(resp, shown)
	case code >= 500:
		return passing(nil, "the server of %s has a fault (it answers %d): run again later, and tell whoever runs it if that lasts", shown, code)
	}
	return final("%s brings no file (the server answers %d): open it in a browser and check the address", shown, code)
}

// busy is the fault of a server that wants to be left alone for a while.
func busy(resp *http.Response, shown string) *fault {
	wait, told := restOf(resp)
	switch {
	case told && wait > maxPause:
		return final("the server of %s asks to be left alone for %s (it answers %d): run again after that", shown, words(wait), resp.StatusCode)
	case told:
		// Not at all is a wait too, and not the usual pause.
		out := passing(nil, "the server of %s is too busy (it answers %d): run again later", shown, resp.StatusCode)
		out.wait = max(wait, time.Nanosecond)
		return out
	}
	return passing(nil, "the server of %s is too busy (it answers %d): run again later", shown, resp.StatusCode)
}

// restOf is how long a server asks to be left alone: a number of seconds, or a
// time, which is held against the server's own clock.
func restOf(resp *http.Response) (time.Duration, bool) {
	text := resp.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	clock, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0, false
	}
	return max(until.Sub(clock), 0), true
}
