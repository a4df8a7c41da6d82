package config

import (
	"errors"
	"strings"
	"testing"
)

// TestSignInIsChecked: each slip by which figures or passwords could be read by others
// is told with its line.
func TestSignInIsChecked(t *testing.T) {
	const local = "auth: {users: users.yaml}\n"
	secret := func(name string) (string, bool) { return "x", name == SecretVariable }
	provider := func(more string) string {
		return "dashboard: {base_url: 'https://a.example.org', proxies: [10.1.2.3]}\nauth:\n  oidc:\n    issuer: https://login.example.org\n    client_id: x\n    roles: {viewer: [a]}\n" + more
	}
	for name, test := range map[string]struct {
		text, says string
		env        func(string) (string, bool)
	}{
		"local users on this computer": {"dashboard: {base_url: 'http://localhost:8080'}\n" + local, "", noEnv},
		"local users over TLS":         {"dashboard: {listen: '0.0.0.0:443', base_url: 'https://a.example.org', tls: {certificate: a, key: b}}\n" + local, "", noEnv},
		"behind a program":             {"dashboard: {listen: '0.0.0.0:80', base_url: 'https://a.example.org/', proxies: [10.1.2.0/24, '2001:db8::1']}\n" + local, "", noEnv},
		"a provider":                   {provider(""), "", secret},
		"no address":                   {local, "dashboard.base_url: \"\" is not where readers open the pages", noEnv},
		"an address with a path":       {"dashboard: {base_url: 'https://a.example.org/x', proxies: [10.1.2.3]}\n" + local, "line 1: dashboard.base_url: \"https://a.example.org/x\" is not where", noEnv},
		"an address without TLS":       {"dashboard: {base_url: 'http://a.example.org'}\n" + local, "has no TLS: passwords and figures could be read on the way", noEnv},
		"nobody speaks TLS":            {"dashboard: {base_url: 'https://a.example.org'}\n" + local, "dashboard.base_url: nothing speaks TLS", noEnv},
		"the wrong scheme":             {"dashboard: {base_url: 'http://127.0.0.1', tls: {certificate: a, key: b}}\n" + local, "so it begins with https://", noEnv},
		"elsewhere without TLS":        {"dashboard: {listen: '0.0.0.0:80', base_url: 'http://127.0.0.1'}\n" + local, "dashboard.listen: \"0.0.0.0:80\" can be reached from other machines, and without TLS", noEnv},
		"elsewhere without sign-in":    {"dashboard: {listen: '0.0.0.0:80', tls: {certificate: a, key: b}}\n", "without sign-in only a loopback address", noEnv},
		"half of TLS":                  {"dashboard: {tls: {certificate: a}}\n", "line 1: dashboard.tls: certificate and key are two files", noEnv},
		"every proxy":                  {"dashboard: {proxies: [0.0.0.0/0]}\n", "dashboard.proxies: \"0.0.0.0/0\" is not an address or a network", noEnv},
		"half of all as proxies":       {"dashboard: {proxies: [0.0.0.0/1, '128.0.0.0/1']}\n", "dashboard.proxies: \"0.0.0.0/1\" is not an address or a network", noEnv},
		"a program in front and http":  {"dashboard: {listen: '0.0.0.0:80', base_url: 'http://localhost:80', proxies: [10.1.2.3]}\n" + local, "dashboard.base_url must begin with https://", noEnv},
		"on this machine by http":      {"dashboard: {base_url: 'http://localhost:8080', proxies: [10.1.2.3]}\n" + local, "so it begins with https://", noEnv},
		"a proxy by its name":          {"dashboard: {proxies: [proxy.example.org]}\n", "is not an address or a network", noEnv},
		"a session that never ends":    {"dashboard: {session: {idle: 2h, longest: 1h}}\n", "line 1: dashboard.session: idle must be", noEnv},
		"an audit of an hour":          {"audit: {kept: 1h}\n", "line 1: audit.kept: 1h0m0s is less than a day", noEnv},
		"both":                         {provider("  users: u\n"), "line 2: auth: people sign in with a file of users or at a provider", secret},
		"no secret":                    {provider(""), "STALKSTATS_OIDC_SECRET does not hold the secret", noEnv},
		"a provider without TLS":       {strings.Replace(provider(""), "https://login", "http://login", 1), "line 4: auth.oidc.issuer: \"http://login.example.org\" is not the https address", secret},
		"no group":                     {strings.Replace(provider(""), "[a]", "[]", 1), "line 6: auth.oidc.roles: no group has a role", secret},
		"a role that there is not":     {strings.Replace(provider(""), "{viewer: [a]}", "{viewer: [a], chief: [b]}", 1), `there is no key "chief" here`, secret},
		"no client":                    {strings.Replace(provider(""), "client_id: x", "client_id: ''", 1), "line 5: auth.oidc.client_id: it is empty", secret},
	} {
		_, err := parse([]byte(test.text), "config.yaml", "/", test.env, known)
		var faults Faults
		if err != nil && !errors.As(err, &faults) && test.says == "" {
			t.Errorf("%s: %v", name, err)
		}
		if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
			t.Errorf("%s: %v, want %q", name, err, test.says)
		}
	}
}

// TestProxyNetworks: an address is a network of one.
func TestProxyNetworks(t *testing.T) {
	got := Dashboard{Proxies: []string{"10.1.2.3", "10.1.2.3/24", "2001:db8::1"}}.ProxyPrefixes()
	if len(got) != 3 || got[0].String() != "10.1.2.3/32" || got[1].String() != "10.1.2.0/24" || got[2].String() != "2001:db8::1/128" {
		t.Errorf("%v", got)
	}
}
