package source

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"stalkstats/internal/stats"
)

// A fault is what went wrong with one file, in a sentence for the data owner.
type fault struct {
	says  string
	kind  stats.Cause
	cause error
	again bool          // it may pass if the server is asked again
	wait  time.Duration // how long the server asks to be left alone, if it says so
}

// Error implements error. It does not tell the cause, which is in no words of
// the data owner and may hold a secret of the address.
func (f *fault) Error() string { return f.says }

// Unwrap gives the cause.
func (f *fault) Unwrap() error { return f.cause }

// Kind is the kind of what went wrong.
func (f *fault) Kind() stats.Cause { return f.kind }

func final(kind stats.Cause, format string, args ...any) *fault {
	return &fault{says: fmt.Sprintf(format, args...), kind: kind}
}

func passing(cause error, format string, args ...any) *fault {
	return &fault{says: fmt.Sprintf(format, args...), kind: stats.ServerUnreachable, cause: cause, again: true}
}

// A localFault is what went wrong with a file of this machine, or with keeping
// one: asking again does not help.
type localFault struct {
	kind stats.Cause
	says string
}

// Error implements error.
func (f localFault) Error() string { return f.says }

// Kind is the kind of what went wrong.
func (f localFault) Kind() stats.Cause { return f.kind }

func local(kind stats.Cause, format string, args ...any) error {
	return localFault{kind, fmt.Sprintf(format, args...)}
}

// reaching puts into words why a server could not be reached, or did not
// answer in HTTP.
func (f *Fetcher) reaching(shown string, err error) error {
	var own *fault
	var name *net.DNSError
	var noHTTP *garbled
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &name) && name.IsNotFound:
		return &fault{kind: stats.ServerUnreachable, says: fmt.Sprintf("no server has the name in %s: check how it is written", shown), cause: err}
	case errors.As(err, &name):
		return passing(err, "the name of the server in %s could not be looked up: check the network of this machine, and run again", shown)
	case errors.Is(err, syscall.ECONNREFUSED):
		return passing(err, "no server answers at %s: check the address, or run again later", shown)
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return passing(err, "%s cannot be reached from this machine: check its network and the firewall", shown)
	case errors.As(err, &noHTTP):
		return passing(err, "what answers at %s is no web server, or half of one's answer: check the address and its port", shown)
	case silent(err):
		return passing(err, "the server of %s was silent for %s: run again later", shown, words(f.rules.Stall))
	}
	if said := secure(shown, err); said != nil {
		return said
	}
	// The standard library has no type for this one.
	if strings.Contains(err.Error(), "Location header") {
		return &fault{kind: stats.AddressRefused, says: fmt.Sprintf("%s sends on to an address that cannot be read: tell whoever runs it", shown), cause: err}
	}
	return passing(err, "the server of %s broke the connection off: run again later", shown)
}

// secure puts into words why a connection is not safe, if that is the fault.
func secure(shown string, err error) error {
	var failed *unsafe
	if !errors.As(err, &failed) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		return nil
	}
	why := distrust(err)
	if why == "" {
		return &fault{kind: stats.ServerUntrusted, says: fmt.Sprintf("the server of %s does not speak https as it must: check the address and its port", shown), cause: err}
	}
	return &fault{kind: stats.ServerUntrusted, says: fmt.Sprintf("the server of %s cannot prove who it is (%s), and nothing is taken from it: tell whoever runs it", shown, why), cause: err}
}

// distrust is what is wrong with a server's certificate.
func distrust(err error) string {
	var unknown x509.UnknownAuthorityError
	var other x509.HostnameError
	var invalid x509.CertificateInvalidError
	var proof *tls.CertificateVerificationError
	switch {
	case errors.As(err, &unknown):
		return "no authority that this machine trusts has signed its certificate"
	case errors.As(err, &other):
		return "its certificate is for another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate has run out or is not valid yet; look at this machine's clock too"
	case errors.As(err, &proof):
		return "its certificate is not valid"
	}
	return ""
}

// reading puts into words why a body did not come whole.
func (f *Fetcher) reading(shown string, got, of int64, err error) error {
	var own *fault
	switch {
	case errors.As(err, &own):
		return own
	case silent(err):
		return passing(err, "the server of %s was silent for %s in the middle of the file: run again later", shown, words(f.rules.Stall))
	case of > 0:
		return passing(err, "%s broke off after %d of %d bytes, and nothing of it was kept: run again later", shown, got, of)
	}
	return passing(err, "%s broke off after %d bytes, and nothing of it was kept: run again later", shown, got)
}

func silent(err error) bool {
	var timed net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timed) && timed.Timeout()
}

// ended says that fetching was stopped from outside, or took too long.
func (f *Fetcher) ended(outer context.Context, shown string, cause error) error {
	if err := outer.Err(); err != nil {
		return fmt.Errorf("fetch %s: %w", shown, err)
	}
	return &fault{kind: stats.ServerUnreachable, says: fmt.Sprintf("%s did not come within %s: run again later, or raise etl.fetch.timeout", shown, words(f.rules.Timeout)), cause: cause}
}

// words is a length of time as one says it.
func words(d time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := d / unit.length; n > 0 && d%unit.length == 0 {
			return counted(int64(n), unit.name)
		}
	}
	return d.String()
}

func counted(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.FormatInt(n, 10) + " " + what + "s"
}
