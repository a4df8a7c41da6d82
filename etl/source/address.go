package source

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"unicode"

	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// webAddress reads a web address. Its faults do not repeat it: it may hold a
// password.
func webAddress(from string) (*url.URL, error) {
	u, err := url.Parse(from)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("this is not a web address such as https://www.gov.uk/file.ods: check how it is written")
	case u.User != nil:
		return nil, errors.New("a web address must not hold a user name or a password: take them out")
	}
	return u, nil
}

// Shown is a place or an address as it may be shown and kept: what stands
// after the question mark, which may be a key, and a user name and password
// are left out.
func Shown(from string) string {
	if !strings.Contains(from, "://") {
		return from
	}
	u, err := url.Parse(from)
	if err != nil {
		return "a web address"
	}
	return shown(u)
}

// Key stands for the item's address where something about it is kept. Two
// addresses that differ only in what is not shown have different keys.
func (i Item) Key() string {
	if plain := Shown(i.Address); plain != i.Address {
		sum := sha256.Sum256([]byte(i.Address))
		return plain + " " + hex.EncodeToString(sum[:8])
	}
	return i.Address
}

func shown(u *url.URL) string {
	plain := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	if u.RawQuery != "" {
		plain.RawQuery = "…"
	}
	return plain.String()
}

// nameInAddress is the name of the file that an address ends in.
func nameInAddress(from string) string {
	u, err := url.Parse(from)
	if err != nil {
		return ""
	}
	if name := cleanName(u.Path); name != "" {
		return name
	}
	return u.Hostname()
}

// cleanName is the last part of a path that somebody else wrote, or empty if
// that is not fit to be the name of a file.
func cleanName(from string) string {
	name := path.Base(strings.ReplaceAll(from, `\`, "/"))
	if name == "." || name == "/" || name == ".." || len(name) > 255 || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return name
}

// asks says why an address may not be asked, if it may not.
func (f *Fetcher) asks(u *url.URL) error {
	if !(config.Fetch{Hosts: f.rules.Hosts}).Allows(u) {
		return final(stats.AddressRefused, "%s is not asked, because %s is not in etl.fetch.hosts: add it there if it may be asked", shown(u), u.Host)
	}
	return nil
}

// inside are the addresses that are not on the public internet though they
// look like it: those of this machine, of private networks, of carriers' inner
// networks, of tests and documents, and of many receivers at once. Those that
// carry an IPv4 address within are refused whole, but for NAT64.
var inside = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

var (
	globalIPv6 = netip.MustParsePrefix("2000::/3")
	nat64      = netip.MustParsePrefix("64:ff9b::/96")
)

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// public reports whether an address is on the public internet.
func public(at netip.AddrPort) bool {
	addr := at.Addr().Unmap()
	if nat64.Contains(addr) {
		long := addr.As16()
		addr = netip.AddrFrom4([4]byte(long[12:]))
	}
	if addr.Is6() && !globalIPv6.Contains(addr) || addr.Zone() != "" {
		return false
	}
	for _, p := range inside {
		if p.Contains(addr) {
			return false
		}
	}
	return addr.IsValid()
}
