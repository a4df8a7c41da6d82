package dashboard

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

type permalinkReader interface {
	areasReader
	Permalink(ctx context.Context, id string) (stats.Permalink, error)
	CheckPermalink(ctx context.Context, p stats.Permalink, file stats.PermalinkFile) error
	PermalinkFile(ctx context.Context, p stats.Permalink, file stats.PermalinkFile) iter.Seq2[[]byte, error]
}

type permalinksKeeper interface {
	permalinkReader
	Permalinks(ctx context.Context, limit int) ([]stats.Permalink, error)
	KeepPermalink(ctx context.Context, p stats.Permalink, csv, metadata [][]byte) error
	WithdrawPermalink(ctx context.Context, id string, by stats.TakenBack) error
}

func permalinkAddress(id string) string { return "/permalink/" + url.PathEscape(id) }

// findPermalink is the permanent link that an address names.
func findPermalink(r *http.Request, reader permalinkReader) (stats.Permalink, error) {
	if _, err := parameters(r); err != nil {
		return stats.Permalink{}, err
	}
	p, err := reader.Permalink(r.Context(), r.PathValue("id"))
	if errors.Is(err, query.ErrNotFound) {
		return p, notFound("There is no permanent link “%s”.", echoed(r.PathValue("id")))
	}
	return p, err
}

// standingPermalink is findPermalink for what must not have been withdrawn.
func standingPermalink(r *http.Request, reader permalinkReader) (stats.Permalink, error) {
	p, err := findPermalink(r, reader)
	if err == nil && !p.Stands() {
		says := "What was kept under this address was withdrawn on " + moment(p.Withdrawn.At) + " and is not handed out any more."
		if p.Withdrawn.Why != "" {
			says += " " + sentence("Why", p.Withdrawn.Why)
		}
		err = problem{status: http.StatusGone, sentence: says}
	}
	return p, err
}

// permalink sends the bytes that are kept under a permanent link.
func (s *site) permalink(reader permalinkReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := standingPermalink(r, reader)
		if err != nil {
			return err
		}
		addToRecord(w, func(d *stats.Download) { d.Audience, d.Rows = p.Audience, p.Rows })
		return s.sendKept(w, r, reader, p, stats.PermalinkCSV, http.Header{
			"Content-Type":        {"text/csv; charset=utf-8; header=present"},
			"Content-Disposition": {`attachment; filename="stalkstats-` + p.ID + `.csv"`},
			"Content-Length":      {strconv.FormatUint(p.Bytes, 10)},
			"Link":                {"<" + permalinkAddress(p.ID) + `/metadata.json>; rel="describedby"; type="application/csvm+json"`},
		})
	}
}

// permalinkMetadata sends the description that was kept with them.
func (s *site) permalinkMetadata(reader permalinkReader) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := standingPermalink(r, reader)
		if err != nil {
			return err
		}
		return s.sendKept(w, r, reader, p, stats.PermalinkMetadata, http.Header{"Content-Type": {"application/csvm+json"}})
	}
}

// linkKeptFor is for how long a reader's browser may show what is kept under a link
// without asking: an hour, after which a link that was withdrawn is gone there too.
const linkKeptFor = "private, max-age=3600, immutable"

// sendKept sends a file that is kept under a permanent link, once all of it has
// been read and found to be what was kept. Its hash tells it from any other.
func (s *site) sendKept(w http.ResponseWriter, r *http.Request, reader permalinkReader, p stats.Permalink, file stats.PermalinkFile, headers http.Header) error {
	etag := `"` + p.HashOf(file) + `"`
	have := has(r, etag)
	if !have {
		if err := reader.CheckPermalink(r.Context(), p, file); err != nil {
			return err
		}
	}
	w.Header().Set("ETag", etag)
	w.Header().Set("Cache-Control", linkKeptFor)
	if have {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	for name, values := range headers {
		w.Header()[name] = values
	}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	for part, err := range reader.PermalinkFile(r.Context(), p, file) {
		if err == nil {
			_, err = w.Write(part)
		}
		if err != nil {
			return s.finish(&download{started: true}, r, err)
		}
	}
	return nil
}
