package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// SecretVariable is the environment variable that holds the secret by which the
// provider of sign-in knows this program.
const SecretVariable = "STALKSTATS_OIDC_SECRET"

// Auth says how people sign in: by a file of users or at a provider. Without either
// nobody does, and only this machine can see the pages.
type Auth struct {
	Users string `yaml:"users"` // the file of local users; empty: none. Made absolute
	OIDC  OIDC   `yaml:"oidc"`
	// Programs is the file of programs that read figures; empty: none. Made absolute
	Programs string `yaml:"programs"`
}

// Audit says how long it is kept who did what, and who downloaded.
type Audit struct {
	Kept Duration `yaml:"kept"` // 0: for ever
}

// OIDC is a provider that speaks OpenID Connect.
type OIDC struct {
	Issuer      string    `yaml:"issuer"` // empty: none
	Name        string    `yaml:"name"`   // what people call it
	ClientID    string    `yaml:"client_id"`
	Scopes      []string  `yaml:"scopes"`       // beside openid
	UserClaim   string    `yaml:"user_claim"`   // by which what somebody does is recorded
	GroupsClaim string    `yaml:"groups_claim"` // that names somebody's groups
	AreasClaim  string    `yaml:"areas_claim"`  // that names the areas somebody may see in detail; empty: everybody sees all
	Roles       RoleNames `yaml:"roles"`

	Secret string `yaml:"-"` // from the environment
}

// RoleNames is the groups that have each role.
type RoleNames struct {
	Viewer    []string `yaml:"viewer"`
	Analyst   []string `yaml:"analyst"`
	DataOwner []string `yaml:"data_owner"`
	Admin     []string `yaml:"admin"`
}

// ByName is the groups by the name of the role.
func (r RoleNames) ByName() map[string][]string {
	return map[string][]string{"viewer": r.Viewer, "analyst": r.Analyst, "data_owner": r.DataOwner, "admin": r.Admin}
}

// On reports whether people sign in.
func (a Auth) On() bool { return a.Users != "" || a.OIDC.Issuer != "" }

// CheckListen says why the pages of the force must not be served at an address: true
// figures are for those who have signed in, over TLS, or for this machine alone.
func (c Config) CheckListen(address string) error {
	host, _, err := net.SplitHostPort(address)
	switch {
	case err != nil:
		return fmt.Errorf("%q is not an address and port, such as 127.0.0.1:8080", address)
	case Loopback(host):
		return nil
	case !c.Auth.On():
		return fmt.Errorf("%q can be reached from other machines; without sign-in only a loopback address such as 127.0.0.1 is allowed: auth says how people sign in", address)
	case c.Dashboard.TLS.Certificate == "" && len(c.Dashboard.Proxies) == 0:
		return fmt.Errorf("%q can be reached from other machines, and without TLS passwords could be read on the way: name the files of dashboard.tls, or in dashboard.proxies the program in front that speaks TLS", address)
	case !strings.HasPrefix(c.Dashboard.BaseURL, "https://"):
		return fmt.Errorf("%q can be reached from other machines, so dashboard.base_url must begin with https://: passwords could be read on the way", address)
	}
	return nil
}

// ProxyPrefixes is the networks of dashboard.proxies, which were checked by Load.
func (d Dashboard) ProxyPrefixes() (all []netip.Prefix) {
	for _, text := range d.Proxies {
		if prefix, err := parseNetwork(text); err == nil {
			all = append(all, prefix)
		}
	}
	return all
}

// parseNetwork reads an address or a network.
func parseNetwork(text string) (netip.Prefix, error) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return prefix.Masked(), nil
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	return netip.PrefixFrom(address, address.BitLen()), nil
}

// widestNetwork is how many bits every network of proxies must have: whoever is in it
// is believed.
const widestNetwork = 8

func (c *checker) checkAuth() {
	d, a := c.cfg.Dashboard, c.cfg.Auth
	if (d.TLS.Certificate == "") != (d.TLS.Key == "") {
		c.fault("dashboard.tls", "dashboard.tls: certificate and key are two files: name both or neither")
	}
	for _, text := range d.Proxies {
		if prefix, err := parseNetwork(text); err != nil || prefix.Bits() < widestNetwork {
			c.fault("dashboard.proxies", "dashboard.proxies: %q is not an address or a network, such as 10.1.2.3 or 10.1.2.0/24", text)
		}
	}
	if d.Session.Idle <= 0 || d.Session.Longest < d.Session.Idle {
		c.fault("dashboard.session", "dashboard.session: idle must be a length of time such as 30m, and longest at least as long")
	}
	if kept := c.cfg.Audit.Kept; kept != 0 && kept < Duration(24*time.Hour) {
		c.fault("audit.kept", "audit.kept: %s is less than a day; write days, such as 730d, or 0s for ever", time.Duration(kept))
	}
	if d.BaseURL != "" || a.On() {
		c.checkBaseURL()
	}
	if a.Users != "" && a.OIDC.Issuer != "" {
		c.fault("auth", "auth: people sign in with a file of users or at a provider: leave users or oidc.issuer empty")
	}
	if a.OIDC.Issuer != "" {
		c.checkOIDC()
	}
	if a.Programs != "" && !a.On() {
		c.fault("auth.programs", "auth.programs: where people do not sign in everybody on this computer may read, programs too: leave it empty, or say how people sign in")
	}
}

// checkBaseURL makes sure that cookies reach no other host, and nobody on the way.
func (c *checker) checkBaseURL() {
	const path = "dashboard.base_url"
	d := c.cfg.Dashboard
	u, err := url.Parse(d.BaseURL)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" || u.Scheme != "http" && u.Scheme != "https" {
		c.fault(path, "dashboard.base_url: %q is not where readers open the pages, such as https://stalkstats.example.org, without a path", d.BaseURL)
		return
	}
	spoken := d.TLS.Certificate != "" || len(d.Proxies) > 0
	if u.Scheme == "http" && !Loopback(u.Hostname()) {
		c.fault(path, "dashboard.base_url: %q has no TLS: passwords and figures could be read on the way", d.BaseURL)
	}
	if u.Scheme == "https" && !spoken {
		c.fault(path, "dashboard.base_url: nothing speaks TLS: name the files of dashboard.tls, or in dashboard.proxies the program in front")
	}
	if u.Scheme == "http" && spoken {
		c.fault(path, "dashboard.base_url: the pages are read over TLS (dashboard.tls or dashboard.proxies), so it begins with https://")
	}
}

func (c *checker) checkOIDC() {
	o := c.cfg.Auth.OIDC
	if u, err := url.Parse(o.Issuer); err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && !(u.Scheme == "http" && Loopback(u.Hostname())) {
		c.fault("auth.oidc.issuer", "auth.oidc.issuer: %q is not the https address of a provider", o.Issuer)
	}
	for key, value := range map[string]string{"client_id": o.ClientID, "user_claim": o.UserClaim, "groups_claim": o.GroupsClaim, "name": o.Name} {
		if value == "" {
			c.fault("auth.oidc."+key, "auth.oidc.%s: it is empty", key)
		}
	}
	if o.Secret == "" {
		c.fault("auth.oidc", "auth.oidc: the environment variable %s does not hold the secret that the provider has given out for this program", SecretVariable)
	}
	named := 0
	for name, groups := range o.Roles.ByName() {
		named += len(groups)
		if slices.Contains(groups, "") {
			c.fault("auth.oidc.roles", "auth.oidc.roles.%s: a group without a name", name)
		}
	}
	if named == 0 {
		c.fault("auth.oidc.roles", "auth.oidc.roles: no group has a role, so nobody could see a page")
	}
}
