package source

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/cenkalti/backoff/v5"

	"stalkstats/internal/stats"
)

const (
	// maxAttempts is how often a server is asked for one file.
	maxAttempts = 5
	// maxPause is the longest that is waited between two attempts. A server
	// that asks for a longer rest is left alone until the next run.
	maxPause = 2 * time.Minute
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
			if snap, err = f.store.keep(source, body, f.rules.MaxSize, item.Look, now); err != nil {
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
		return got, toRetry(err)
	}, backoff.WithBackOff(f.pauses()), backoff.WithMaxTries(maxAttempts), backoff.WithMaxElapsedTime(f.rules.Timeout))
	var own *fault
	switch {
	case err == nil:
		return got, nil
	case limited.Err() != nil:
		return none, f.ended(ctx, shown(u), err)
	case !errors.As(err, &own):
		return none, err
	case own.again && asked > 1:
		return none, &fault{says: fmt.Sprintf("%s (asked %d times)", own.says, asked), kind: own.kind, cause: own.cause}
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
		return none, final(stats.AddressRefused, "%s is not an address that can be asked: check how it is written", shown(u))
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
