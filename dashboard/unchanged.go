package dashboard

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/textproto"
	"strings"

	"stalkstats/dashboard/query"
)

type momentReader interface {
	Moment(ctx context.Context) (query.Moment, error)
}

// tag names what an address says of what is served now: the same tag is the same
// bytes. It is weak, since what is sent may be compressed.
func (s *site) tag(r *http.Request, reader momentReader) (string, error) {
	moment, err := reader.Moment(r.Context())
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256(fmt.Appendf(nil, "%x\n%s\n%s\n%t\n%q\n%+v\n%q\n%s", moment.Stamp, s.version, s.audience, s.forSome, detailOf(r), s.rules, s.contact, r.URL.RequestURI()))
	return `W/"` + hex.EncodeToString(hash[:16]) + `"`, nil
}

// unchanged answers a reader who has the bytes already, and reports whether it did.
func unchanged(w http.ResponseWriter, r *http.Request, tag string) bool {
	w.Header().Set("ETag", tag)
	if !has(r, tag) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

// has reports whether a reader has what a tag stands for: RFC 9110, section 13.1.2.
func has(r *http.Request, tag string) bool {
	for one := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		one = textproto.TrimString(one)
		if one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
