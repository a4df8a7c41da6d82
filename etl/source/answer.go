package source

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"stalkstats/internal/stats"
)

// maxRedirects is how often a server may send on to another address.
const maxRedirects = 5

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
		return final(stats.AddressRefused, "%s sends on in a circle: open it in a browser and name the address of the file itself", from)
	case len(via) > maxRedirects:
		return final(stats.AddressRefused, "%s sends on more than %d times: name the address of the file itself", from, maxRedirects)
	case to.URL.User != nil:
		return final(stats.AddressRefused, "%s sends on to an address with a password in it, and is not followed: tell whoever runs it", from)
	case to.URL.Scheme != "http" && to.URL.Scheme != "https":
		return final(stats.AddressRefused, "%s sends on to %s, which is no web address, and is not followed: tell whoever runs it", from, shown(to.URL))
	case to.URL.Scheme == "http" && via[len(via)-1].URL.Scheme == "https":
		return final(stats.AddressRefused, "%s sends on from https to %s, where the file could be changed on its way, and is not followed: name an https address", from, shown(to.URL))
	case f.asks(to.URL) != nil:
		return final(stats.AddressRefused, "%s sends on to %s, and %s is not in etl.fetch.hosts: add it there if it may be asked", from, shown(to.URL), to.URL.Host)
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
		return final(stats.FileMissing, "%s is not there (the server answers 404): check the address, the publisher may have moved the file", shown)
	case code == http.StatusGone:
		return final(stats.FileMissing, "%s is no longer there (the server answers 410): the publisher has taken it away, look for its new address", shown)
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusProxyAuthRequired:
		return final(stats.AccessDenied, "%s may not be read from here (the server answers %d): ask whoever runs it for access, or name another address", shown, code)
	case slices.Contains([]int{http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusServiceUnavailable}, code):
		return busy(resp, shown)
	case code >= 500:
		return passing(nil, "the server of %s has a fault (it answers %d): run again later, and tell whoever runs it if that lasts", shown, code)
	}
	return final(stats.AnswerUnusable, "%s brings no file (the server answers %d): open it in a browser and check the address", shown, code)
}

// busy is the fault of a server that wants to be left alone for a while.
func busy(resp *http.Response, shown string) *fault {
	wait, told := restOf(resp)
	switch {
	case told && wait > maxPause:
		return final(stats.ServerUnreachable, "the server of %s asks to be left alone for %s (it answers %d): run again after that", shown, words(wait), resp.StatusCode)
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
