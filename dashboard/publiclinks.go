package dashboard

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"golang.org/x/net/html"

	"stalkstats/dashboard/signin"
)

// reachable reports whether there is a page at an address of this site that a role may
// have.
func (s *site) reachable(address string, role signin.Role) bool {
	u, err := url.Parse(address)
	if err != nil || u.IsAbs() || u.Path == "" {
		return true // elsewhere, or on the page itself
	}
	if s.forSome && u.Path == accountPath {
		return true // of the force's own site
	}
	_, pattern := s.pages.Handler(&http.Request{Method: http.MethodGet, URL: u, Host: "localhost"})
	there := s.known[pattern]
	return pattern != everythingElse && (there.open || role >= there.needs)
}

// everythingElse is the pattern of what has no page.
const everythingElse = "/"

// withoutDeadLinks is a page whose links lead only to pages that its reader may have:
// the others are words, wherever they stand.
func (s *site) withoutDeadLinks(page []byte, role signin.Role) ([]byte, error) {
	var out bytes.Buffer
	var open []bool // of each link that is open, whether it stays
	for tokens := html.NewTokenizer(bytes.NewReader(page)); ; {
		kind := tokens.Next()
		raw := tokens.Raw()
		switch kind {
		case html.ErrorToken:
			if errors.Is(tokens.Err(), io.EOF) {
				return out.Bytes(), nil
			}
			return nil, fmt.Errorf("read the page again: %w", tokens.Err())
		case html.StartTagToken:
			raw = bytes.Clone(raw) // reading the attributes may change it
			if token := tokens.Token(); token.Data == "a" {
				stays := s.reachable(hrefOf(token), role)
				if open = append(open, stays); !stays {
					continue
				}
			}
		case html.EndTagToken:
			raw = bytes.Clone(raw)
			if tokens.Token().Data == "a" && len(open) > 0 {
				stays := open[len(open)-1]
				if open = open[:len(open)-1]; !stays {
					continue
				}
			}
		}
		out.Write(raw)
	}
}

func hrefOf(token html.Token) string {
	for _, a := range token.Attr {
		if a.Key == "href" {
			return a.Val
		}
	}
	return ""
}
