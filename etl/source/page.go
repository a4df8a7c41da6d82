package source

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"stalkstats/internal/stats"
)

// maxPage is the largest answer of a publication page, in bytes. The pages of
// the Home Office, with some fifty files each, have about 100,000.
const maxPage = 8 << 20

// contentAPI is where gov.uk gives a page as JSON: the page's path follows.
const contentAPI = "/api/content"

// publication is the part of a gov.uk content item that lists the files:
// https://docs.publishing.service.gov.uk/content-schemas/publication.html
type publication struct {
	DocumentType string `json:"document_type"`
	Redirects    []struct {
		Destination string `json:"destination"`
	} `json:"redirects"`
	Details *struct {
		Attachments []struct {
			URL  string `json:"url"`
			Size int64  `json:"file_size"`
		} `json:"attachments"`
	} `json:"details"`
}

// page lists the files of a publication page whose names are like the pattern.
func (f *Fetcher) page(ctx context.Context, place Place) ([]Item, error) {
	u, err := webAddress(place.From)
	if err != nil {
		return nil, err
	}
	api := *u
	api.Path, api.RawPath, api.RawQuery, api.Fragment = strings.TrimSuffix(u.Path, "/"), "", "", ""
	if !strings.HasPrefix(api.Path, contentAPI+"/") {
		api.Path = contentAPI + api.Path
	}
	text, err := ask(ctx, f, &api, Validators{}, func(resp *http.Response) ([]byte, error) {
		body, err := f.body(resp, shown(&api), maxPage)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(body)
	})
	if err != nil {
		return nil, err
	}
	return listed(u, text, place.Pattern)
}

// listed reads the list of a page's files out of its JSON.
func listed(page *url.URL, text []byte, pattern string) ([]Item, error) {
	var p publication
	if err := json.Unmarshal(text, &p); err != nil || p.Details == nil && p.DocumentType == "" {
		return nil, &fault{kind: stats.AnswerUnusable, says: fmt.Sprintf("%s is no publication page of gov.uk, or its list of files cannot be read: check the address", shown(page)), cause: err}
	}
	if len(p.Redirects) > 0 {
		to, err := page.Parse(p.Redirects[0].Destination)
		if err != nil {
			to = &url.URL{}
		}
		return nil, final(stats.FileMissing, "the page %s has moved: name its new address, which may be %s", shown(page), shown(to))
	}
	if p.Details == nil || len(p.Details.Attachments) == 0 {
		return nil, final(stats.AnswerUnusable, "the page %s lists no files: check that it is the page of the publication itself", shown(page))
	}
	var items []Item
	var others []string
	for _, a := range p.Details.Attachments {
		at, err := page.Parse(a.URL)
		if err != nil || at.Hostname() == "" {
			continue
		}
		name := cleanName(at.Path)
		if name == "" || !like(pattern, name) {
			others = append(others, name)
			continue
		}
		item, err := attachment(page, at, name, a.Size)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	if len(items) == 0 {
		return nil, final(stats.FileMissing, "no file of the page %s is named like %s (it has %s): change the pattern", shown(page), pattern, some(others))
	}
	oldestFirst(items)
	return slices.CompactFunc(items, func(a, b Item) bool { return a.Address == b.Address }), nil
}

// oldestFirst puts files into the order in which they are to be loaded, so that
// a newer edition comes after the one that it replaces: by the day in their
// names where each has one, since 230726 is after 251025; else by name.
func oldestFirst(items []Item) {
	undated := func(i Item) bool { _, ok := stats.NameDate(i.Name); return !ok }
	byName := slices.ContainsFunc(items, undated)
	slices.SortFunc(items, func(a, b Item) int {
		days := 0
		if !byName {
			first, _ := stats.NameDate(a.Name)
			second, _ := stats.NameDate(b.Name)
			days = first.Compare(second)
		}
		return cmp.Or(days, cmp.Compare(a.Name, b.Name), cmp.Compare(a.Address, b.Address))
	})
}

// attachment is one file of a page.
func attachment(page, at *url.URL, name string, size int64) (Item, error) {
	address := *at
	address.Fragment, address.RawFragment = "", ""
	if _, err := webAddress(address.String()); err != nil {
		return Item{}, final(stats.AddressRefused, "the page %s lists the file %s under an address that cannot be asked: tell whoever runs the page", shown(page), name)
	}
	if page.Scheme == "https" && address.Scheme != "https" {
		return Item{}, final(stats.AddressRefused, "the page %s lists the file %s under an address without https, where it could be changed on its way, and it is not taken: tell whoever runs the page", shown(page), name)
	}
	if size <= 0 {
		size = -1
	}
	return Item{Address: address.String(), Name: name, Size: size, Settled: true}, nil
}

// some are the first few names of a list.
func some(names []string) string {
	const few = 5
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "" })
	switch {
	case len(names) == 0:
		return "none that can be read"
	case len(names) > few:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
	}
	return strings.Join(names, ", ")
}
