package config

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// dialled is a telephone number as it is written.
var dialled = regexp.MustCompile(`^\+?\d(?:[\d ]{0,18}\d)?$`)

// checkPublic checks the site for everybody: it may be reached from anywhere, and a
// wrong way out or a wrong number of a helpline would harm who needs it.
func (c *checker) checkPublic() {
	public := c.cfg.Public
	if public.Listen != "" {
		c.checkPublicListen(public.Listen)
	}
	if !webPage(public.SafeAddress) {
		c.fault("public.safe_address", "public.safe_address: %q is not a web address, such as https://www.bbc.co.uk/weather", public.SafeAddress)
	}
	for i, contact := range public.Contacts {
		c.checkContact(fmt.Sprintf("public.contacts.%d", i), contact)
	}
}

func (c *checker) checkPublicListen(address string) {
	if _, _, err := net.SplitHostPort(address); err != nil {
		c.fault("public.listen", "public.listen: %q is not an address and port, such as 0.0.0.0:8090", address)
	}
	if address == c.cfg.Dashboard.Listen {
		c.fault("public.listen", "public.listen: %s is where the pages of the force are (dashboard.listen): name another port", address)
	}
}

func (c *checker) checkContact(path string, contact Contact) {
	at := func(key string) string {
		if c.lines[path+"."+key] != 0 {
			return path + "." + key
		}
		return path
	}
	for _, line := range [][2]string{{"label", contact.Label}, {"note", contact.Note}} {
		if key, words := line[0], line[1]; words != strings.Join(strings.Fields(words), " ") {
			c.fault(at(key), "%s: %q must be one line, without spaces before, after or doubled", key, words)
		}
	}
	if contact.Label == "" {
		c.fault(at("label"), "label: say who answers")
	}
	if contact.Telephone == "" && contact.Address == "" {
		c.fault(at("label"), "telephone: %s has neither a telephone number nor an address", contact.Label)
	}
	if contact.Telephone != "" && !dialled.MatchString(contact.Telephone) {
		c.fault(at("telephone"), "telephone: %q is not a number as it is dialled; write it in quotes, with digits and spaces", contact.Telephone)
	}
	if contact.Address != "" && !webPage(contact.Address) {
		c.fault(at("address"), "address: %q is not a web address", contact.Address)
	}
}

// webPage reports whether an address is of a page on the web.
func webPage(address string) bool {
	u, err := url.Parse(address)
	return err == nil && Web(address) && u.Hostname() != "" && u.User == nil
}
