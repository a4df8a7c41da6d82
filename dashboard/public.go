package dashboard

import (
	"html/template"
	"net/url"
	"strings"
)

// Public is what a site for everybody has on each page, for those whom stalking
// happens to.
type Public struct {
	// SafeAddress is where “Exit this page” leads: a web page that anybody may be
	// found reading.
	SafeAddress string
	Contacts    []Contact // whom victims can turn to, beside 999 and 101
}

// A Contact is where victims find help. Telephone, as it is dialled, and Address, of
// a web page, may each be empty.
type Contact struct{ Label, Telephone, Address, Note string }

// publicFrame is what only the pages for everybody have round them.
type publicFrame struct {
	SafeAddress, SafeHost string
	Script                string // by which Escape leaves too
	Contacts              []contactLine
}

type contactLine struct {
	Label, Note string
	Telephone   *outward
	Page        *outward
}

// An outward is a way off the site that the configuration names.
type outward struct {
	Text    string
	Address template.URL
}

// publicFrame is nil on the pages of the force.
func (s *site) publicFrame() *publicFrame {
	if !s.readByAnybody() {
		return nil
	}
	f := &publicFrame{SafeAddress: s.public.SafeAddress, SafeHost: hostOf(s.public.SafeAddress), Script: s.assets.address(exitFile)}
	for _, c := range s.public.Contacts {
		line := contactLine{Label: c.Label, Note: c.Note}
		if c.Telephone != "" {
			line.Telephone = &outward{c.Telephone, telephoneAddress(c.Telephone)}
		}
		if c.Address != "" {
			line.Page = &outward{hostOf(c.Address), template.URL(c.Address)}
		}
		f.Contacts = append(f.Contacts, line)
	}
	return f
}

// telephoneAddress is what a telephone dials: of whatever a number holds, its digits
// and the sign before the country alone.
func telephoneAddress(number string) template.URL {
	return template.URL("tel:" + strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number))
}

// hostOf is the site of a web address, as people say it.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.TrimPrefix(u.Host, "www.")
}
