package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"stalkstats/internal/stats"
)

const (
	// maxRatio is how many bytes may come out of one packed byte, once
	// freeUnpacked have come out. Tables of figures pack 20 to 60 fold.
	maxRatio     = 250
	freeUnpacked = 8 << 20
)

// file is the body of an answer as a file of at most MaxSize bytes: every way
// in which it could be cut, swollen or another thing than a file is a fault of
// its reading.
func (f *Fetcher) file(resp *http.Response, shown string) (io.Reader, error) {
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if media == "text/html" || media == "application/xhtml+xml" {
		return nil, webPage(shown)
	}
	body, err := f.body(resp, shown, f.rules.MaxSize)
	if err != nil {
		return nil, err
	}
	head := bufio.NewReaderSize(body, 1024)
	start, err := head.Peek(512)
	if err != nil && err != io.EOF {
		return nil, err
	}
	start = bytes.TrimPrefix(start, []byte("\xef\xbb\xbf"))
	if strings.HasPrefix(http.DetectContentType(start), "text/html") {
		return nil, webPage(shown)
	}
	return head, nil
}

func webPage(shown string) error {
	return final(stats.AnswerUnusable, "%s gives a web page and not a file: open it in a browser and name the address of the file itself", shown)
}

// body is the body of an answer, unpacked, of at most limit bytes.
func (f *Fetcher) body(resp *http.Response, shown string, limit int64) (io.Reader, error) {
	if resp.ContentLength > limit {
		return nil, tooLarge(shown, counted(resp.ContentLength, "byte"), limit)
	}
	raw := &received{f: f, in: resp.Body, shown: shown, of: resp.ContentLength}
	encoding := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding")))
	switch encoding {
	case "", "identity":
		if resp.ContentLength < 0 && !slices.Contains(resp.TransferEncoding, "chunked") {
			return nil, final(stats.AnswerUnusable, "the server of %s does not tell how long the file is, so that a part of it could not be told from the whole: name another address, or put the file into a folder", shown)
		}
		return &bounded{in: raw, shown: shown, limit: limit}, nil
	case "gzip", "x-gzip":
		unpacked, err := gzip.NewReader(raw)
		if err != nil {
			return nil, unpackingFault(shown, err)
		}
		return &bounded{in: &unpacking{raw, unpacked}, shown: shown, limit: limit, packed: raw}, nil
	}
	return nil, final(stats.AnswerUnusable, "the server of %s packs the file in a way that was not asked for: put the file into a folder, and tell whoever runs the server", shown)
}

func tooLarge(shown, size string, limit int64) error {
	return final(stats.FileTooLarge, "%s is too large (%s; the most is %d): check that it is the right file, or raise etl.fetch.max_size", shown, size, limit)
}

// received is what comes over the connection.
type received struct {
	f     *Fetcher
	in    io.Reader
	shown string
	got   int64
	of    int64 // declared; -1: unknown
}

// Read implements io.Reader.
func (r *received) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	r.got += int64(n)
	if err != nil && err != io.EOF {
		err = r.f.reading(r.shown, r.got, r.of, err)
	}
	return n, err
}

// unpacking is a packed body. Its unpacking tells a cut one by itself.
type unpacking struct {
	raw *received
	in  io.Reader
}

// Read implements io.Reader.
func (u *unpacking) Read(p []byte) (int, error) {
	n, err := u.in.Read(p)
	if err != nil && err != io.EOF {
		err = unpackingFault(u.raw.shown, err)
	}
	return n, err
}

// unpackingFault puts into words why a packed body could not be unpacked.
func unpackingFault(shown string, err error) error {
	var own *fault
	if errors.As(err, &own) {
		return own // of the bytes that came
	}
	return passing(err, "%s came packed, and damaged or cut short, and nothing of it was kept: run again later", shown)
}

// bounded is a body that may not grow beyond a limit, nor out of nearly
// nothing.
type bounded struct {
	in     io.Reader
	shown  string
	limit  int64
	packed *received // nil: not packed
	out    int64
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	b.out += int64(n)
	switch {
	case b.out > b.limit:
		return 0, tooLarge(b.shown, "more than "+counted(b.limit, "byte"), b.limit)
	case b.packed != nil && b.out > freeUnpacked && b.out > maxRatio*b.packed.got:
		return 0, final(stats.FileTooLarge, "%s unpacks to more than %d times its size, as no table does, and was not taken: check the address, and tell whoever runs the server", b.shown, maxRatio)
	}
	return n, err
}
