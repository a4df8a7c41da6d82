package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPublicSite: it may be reached from anywhere, the pages of the force may not, and
// no telephone number is there that nobody has written.
func TestPublicSite(t *testing.T) {
	got, err := load(t, "public:\n  listen: 0.0.0.0:8090\n  safe_address: https://www.example.org\n  contacts:\n    - {label: A helpline, telephone: \"020 7946 0000\", address: https://example.org/help, note: every day}\n    - {label: Another, telephone: 101}\n")
	want := Public{Listen: "0.0.0.0:8090", SafeAddress: "https://www.example.org", Contacts: []Contact{
		{Label: "A helpline", Telephone: "020 7946 0000", Address: "https://example.org/help", Note: "every day"}, {Label: "Another", Telephone: "101"}}}
	if diff := cmp.Diff(want, got.Public); err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	if Default().Public.Listen != "" || len(Default().Public.Contacts) > 0 {
		t.Errorf("by default %+v", Default().Public)
	}
	if _, err := load(t, "dashboard: {listen: \"\"}\npublic: {listen: ':8090'}\n"); err != nil {
		t.Errorf("a public site alone: %v", err)
	}
	for text, says := range map[string]string{
		"dashboard: {listen: \"\"}":                                       "dashboard.listen: \"\" is not an address and port",
		"dashboard: {listen: 0.0.0.0:8080}":                               "without sign-in only a loopback address",
		"public: {listen: 0.0.0.0}":                                       "public.listen: \"0.0.0.0\" is not an address and port, such as 0.0.0.0:8090",
		"public: {listen: 127.0.0.1:8080}":                                "name another port",
		"public: {safe_address: \"\"}":                                    "public.safe_address: \"\" is not a web address",
		"public: {safe_address: 'javascript:alert(1)'}":                   "is not a web address",
		"alerts: {pages: 'javascript:alert(1)//'}":                        "alerts.pages: \"javascript:alert(1)//\" is not a web address",
		"public: {contacts: [{telephone: '101'}]}":                        "label: say who answers",
		"public: {contacts: [{label: A}]}":                                "telephone: A has neither a telephone number nor an address",
		"public: {contacts: [{label: A, telephone: ring}]}":               "telephone: \"ring\" is not a number as it is dialled",
		"dashboard: {marking: \" OFFICIAL\"}":                             "dashboard.marking: \" OFFICIAL\" must be one line",
		"public: {marking: \"a\\nb\"}":                                    "public.marking: \"a\\nb\" must be one line",
		"contact: \" a team\"":                                            "contact: \" a team\" must be one line of at most 200 characters",
		"contact: \"a\\e[2Jteam\"":                                        "contact: \"a\\x1b[2Jteam\" must be one line",
		"contact: " + strings.Repeat("x", 201):                            "must be one line of at most 200 characters",
		"public: {contacts: [{label: A, address: help.org}]}":             "address: \"help.org\" is not a web address",
		"public: {contacts: [{label: A , note: \" b\", telephone: '1'}]}": "note: \" b\" must be one line",
	} {
		if _, err := load(t, text+"\n"); err == nil || !strings.Contains(err.Error(), "line 1: ") || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want %q", text, err, says)
		}
	}
}
