// Package source fetches the files of a source: from a folder of this
// machine, from a web address, or from a publication page that lists them.
// It keeps a snapshot of each, the bytes under their sha256, so that any
// figure can be led back to what was received. Files that hold records about
// people are read where they lie, and nothing of them is kept.
package source

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"path"
	"strings"
	"time"

	"stalkstats/internal/config"
)

// A Place is where a source's files are, as the configuration says.
type Place struct {
	// From is builtin:FILE; a file; a folder with a pattern in its last part,
	// such as inbox/*.csv; an http or https address; or, with Pattern, the
	// address of a gov.uk publication page.
	From string
	// Pattern is what the names of a publication page's files are like, such
	// as *.ods. Small and capital letters are the same.
	Pattern string
}

// An Item is one file of a place.
type Item struct {
	Address string    // a path, builtin:FILE or a web address
	Name    string    // base name
	ModTime time.Time // of a file of this machine; zero elsewhere
	Size    int64     // bytes; -1 where it is not known
	// Settled is false for a file in a folder that may still be being written.
	// It is true elsewhere.
	Settled bool
	// Look, where it is set, is shown the bytes before they are kept. Where it
	// answers with an error they are not, and Fetch answers with that error.
	Look func(in io.ReaderAt, size int64) error

	inFolder bool // found by a pattern
}

// A Snapshot is a fetched file.
type Snapshot struct {
	Path        string // of the kept bytes, or of the file itself where it is read in place
	File        string // base name of the file it was
	From        string // where it was fetched from, fit to be shown
	SHA256      string // in hex
	Size        int64  // bytes
	RetrievedAt time.Time

	// Of a web address:
	ETag         string // as the server gave it; empty where a redirect answered
	LastModified string // likewise
	NotModified  bool   // the server said that it is the file of Validators
	Final        string // the address after redirects, fit to be shown; empty without one

	lies *lying // the file that is read in place
}

// Validators say what is known of an address from its last good fetch, so that
// the file is sent again only if it has changed.
type Validators struct {
	ETag         string
	LastModified string
	SHA256       string // of the snapshot that is kept of it, in hex
}

// Rules bound what fetching may do. Zero values mean the defaults.
type Rules struct {
	Hosts        []string      // the only hosts that are asked: a name, or name:port where it is not the usual port
	AllowPrivate bool          // whether addresses that are not on the public internet may be asked
	Timeout      time.Duration // for one file with all attempts; 30 minutes
	Stall        time.Duration // the longest silence of a server; 30 seconds
	Pause        time.Duration // before the second attempt, doubled before each further one; 1 second
	MaxSize      int64         // bytes of one file, unpacked; MaxSize
	Settle       time.Duration // how long a file in a folder must have stood unchanged; 0 takes it at once

	// RootCAs are the authorities that may sign certificates; nil means those
	// of the system.
	RootCAs *x509.CertPool
}

// MaxSize is the largest file that is taken unless the rules say otherwise, in
// bytes: far above the largest Home Office table (44 MB).
const MaxSize = 1 << 30

func (r Rules) withDefaults() Rules {
	r.Timeout = orElse(r.Timeout, 30*time.Minute)
	r.Stall = orElse(r.Stall, 30*time.Second)
	r.Pause = orElse(r.Pause, time.Second)
	r.MaxSize = orElse(r.MaxSize, MaxSize)
	return r
}

func orElse[T ~int64](value, otherwise T) T {
	if value > 0 {
		return value
	}
	return otherwise
}

// A Fetcher finds and fetches the files of sources. It is safe for concurrent
// use.
type Fetcher struct {
	store Store
	rules Rules

	// Tests set these to stand in for the addresses of the internet.
	allowed  func(netip.AddrPort) bool
	resolver *net.Resolver
}

// New makes a fetcher that keeps files in store.
func New(store Store, rules Rules) *Fetcher {
	return &Fetcher{store: store, rules: rules.withDefaults(), allowed: public}
}

// Locate lists the files that a place holds now: those of a folder oldest
// first, then by name; those of a publication page by name. It fails with
// ErrNothing where the folder has none.
func (f *Fetcher) Locate(ctx context.Context, place Place, now time.Time) ([]Item, error) {
	if err := place.Check(); err != nil {
		return nil, err
	}
	switch {
	case place.Pattern != "":
		return f.page(ctx, place)
	case config.Web(place.From):
		return []Item{{Address: place.From, Name: nameInAddress(place.From), Size: -1, Settled: true}}, nil
	case strings.HasPrefix(place.From, config.BuiltinPrefix):
		return []Item{{Address: place.From, Name: strings.TrimPrefix(place.From, config.BuiltinPrefix), Size: -1, Settled: true}}, nil
	case isPattern(place.From):
		return f.folder(place.From, now)
	}
	return plainFile(place.From)
}

// Check says in a sentence what is wrong with the way a place is written.
func (p Place) Check() error {
	switch web := config.Web(p.From); {
	case p.From == "":
		return errors.New("no file, folder or address is named")
	case web && p.Pattern != "":
		if _, err := path.Match(p.Pattern, ""); err != nil {
			return fmt.Errorf("%q is not a pattern of names: write one such as *.ods", p.Pattern)
		}
	case p.Pattern != "":
		return errors.New("only a publication page has a pattern beside its address: in a folder it is the last part, such as inbox/*.csv")
	}
	if config.Web(p.From) {
		_, err := webAddress(p.From)
		return err
	}
	return checkPath(p.From)
}

// Fetch brings one file and keeps it as a snapshot. known is what is known of
// the address from before: where the server says that the file has not
// changed since, and the snapshot is still kept whole, that one comes back.
func (f *Fetcher) Fetch(ctx context.Context, source string, item Item, known Validators, now time.Time) (Snapshot, error) {
	if config.Web(item.Address) {
		return f.fromWeb(ctx, source, item, known, now)
	}
	in, err := f.open(item, now)
	if err != nil {
		return Snapshot{}, err
	}
	defer in.Close()
	snap, err := f.store.keep(source, contextReader{ctx, in}, f.rules.MaxSize, item.Look, now)
	if err != nil {
		return Snapshot{}, keeping(item.Address, err)
	}
	snap.File, snap.From = item.Name, item.Address
	return snap, nil
}
