package signin

import (
	"errors"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
)

const goodPassword = "three words together"

var everyArea = []string{EveryArea}

func newUserFile(t *testing.T, all ...User) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "users.yaml")
	for i := range all {
		all[i].Password = HashPassword(goodPassword)
	}
	if err := WriteUsers(path, all); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestHashes(t *testing.T) {
	text := HashPassword(goodPassword)
	h, err := parseHash(text)
	if err != nil || !h.matches(goodPassword) || h.matches(goodPassword+" ") || h.matches("") {
		t.Errorf("%s: %v", text, err)
	}
	if text == HashPassword(goodPassword) {
		t.Error("the salt is the same")
	}
	// What another program wrote with the least that is safe is taken.
	salt := []byte("0123456789abcdef")
	other := passwordHash{leastMemory, 2, 1, salt, argon2.IDKey([]byte("x"), salt, 2, leastMemory, 1, 32)}
	if h, err := parseHash(other.String()); err != nil || !h.matches("x") {
		t.Errorf("%s: %v", other, err)
	}
	for bad, says := range map[string]string{
		"":                                       "is not what",
		"secret":                                 "is not what",
		"$2y$10$abcdefghijklmnopqrstuv":          "is not what",
		strings.Replace(text, "id", "i", 1):      "is not what",
		strings.Replace(text, "v=19", "v=16", 1): "is not what",
		strings.Replace(text, "m=65536", "m=065536", 1):    "is not what",
		strings.Replace(text, "m=65536", "m=65536,x=1", 1): "is not what",
		strings.Replace(text, "m=65536", "m=-1", 1):        "is not what",
		text + "=": "is not what",
		strings.Replace(text, "m=65536", "m=8", 1):              "weaker",
		strings.Replace(text, "t=3", "t=0", 1):                  "weaker",
		strings.Replace(text, "p=4", "p=0", 1):                  "weaker",
		strings.Replace(text, "m=65536", "m=4294967295", 1):     "too long",
		strings.Replace(text, "t=3", "t=1000000", 1):            "too long",
		"$argon2id$v=19$m=65536,t=3,p=4$" + "$" + "QUJDREVGR0g": "weaker",
	} {
		if _, err := parseHash(bad); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want …%s…", bad, err, says)
		}
	}
}

func TestUserFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.yaml")
	good := HashPassword(goodPassword)
	for text, says := range map[string]string{
		"users: [{name: jo, role: chief, password: '" + good + "'}]":                                                                       `"chief" is none of the roles viewer, analyst, data_owner, admin`,
		"users: [{name: Jo, role: viewer, password: '" + good + "'}]":                                                                      "small letters",
		"users: [{name: jo, role: viewer, password: hunter2}]":                                                                             "the password of jo: it is not what `stalkstats user` writes",
		"users: [{name: jo, role: viewer, rooms: all, password: '" + good + "'}]":                                                          "field rooms not found",
		"users:\n- {name: al, role: viewer, password: '" + good + "'}\n- name: jo\n  role: viewer\n  areas:\n  password: '" + good + "'\n": "line 5: the areas of jo: no area is named: give ONS codes or names, all for every area, or none for no area",
		"users: [{name: jo, role: viewer, areas: [], password: '" + good + "'}]":                                                           "line 1: the areas of jo: no area is named",
		"users: [{name: jo, role: viewer, areas: ~, password: '" + good + "'}]":                                                            "line 1: the areas of jo: no area is named",
		"users: [{name: jo, role: viewer, areas: null, password: '" + good + "'}]":                                                         "line 1: the areas of jo: no area is named",
		"users: [{name: jo, role: viewer, areas: [~], password: '" + good + "'}]":                                                          "line 1: the areas of jo: no area is named",
		"users: [{name: jo, role: viewer, areas: ['', ' , '], password: '" + good + "'}]":                                                  "line 1: the areas of jo: no area is named",
		"users: [{name: jo, role: viewer, areas: {all: yes}, password: '" + good + "'}]":                                                   "line 1: cannot unmarshal",
		"users: [{name: al, role: viewer, password: &no ~, areas: *no}]":                                                                   "line 1: the areas of al: no area is named",
		"users: [{name: jo, role: viewer, password: '" + good + "'}, {name: jo, role: viewer, password: '" + good + "'}]":                  "jo stands twice",
		"users: {": "cannot be read",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadUsers(path)
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "$argon2id$v=19$m=65536") {
			t.Errorf("%s: %v, want …%s…", text, err, says)
		}
	}
	if err := errors.Join(os.WriteFile(path, []byte("users: []"), 0o600), os.Chmod(path, 0o604)); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadUsers(path); err == nil || !strings.Contains(err.Error(), "chmod o= "+path) {
		t.Errorf("a file that everybody can read: %v", err)
	}
	if _, err := ReadUsers(path + "x"); err == nil || !strings.Contains(err.Error(), "stalkstats user add") {
		t.Errorf("no file: %v", err)
	}
	written := newUserFile(t, User{Name: "jo", Role: "viewer", Areas: everyArea}, User{Name: "al", Role: "admin", Areas: everyArea})
	info, err := os.Stat(written)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	if all, err := ReadUsers(written); err != nil || len(all) != 2 || all[0].Name != "al" {
		t.Errorf("%v, error %v", all, err)
	}
}

// TestWhoIsThereIsNotTold: who does not exist is answered like a wrong password.
func TestWhoIsThereIsNotTold(t *testing.T) {
	u := newUsers(newUserFile(t, User{Name: "jo", Role: "analyst", Areas: everyArea}))
	check := func(name, password string) (Person, *Refusal, time.Duration) {
		began := time.Now()
		p, _, err := u.check(t.Context(), name, password)
		var refusal *Refusal
		errors.As(err, &refusal)
		return p, refusal, time.Since(began)
	}
	if p, refusal, _ := check("jo", goodPassword); refusal != nil || p != (Person{ID: "jo", Role: Analyst}) {
		t.Fatalf("%v, %v", p, refusal)
	}
	_, wrong, first := check("jo", "another")
	_, nobody, second := check("nobody", goodPassword)
	if wrong == nil || nobody == nil || wrong.Sentence != nobody.Sentence || wrong.Status != http.StatusUnauthorized || nobody.Status != wrong.Status {
		t.Errorf("%+v, %+v", wrong, nobody)
	}
	if wrong.Account != "jo" || nobody.Account != "" {
		t.Errorf("accounts %q and %q", wrong.Account, nobody.Account)
	}
	// The same work is done: a tenth of it would show that none is.
	if second < first/10 || first < second/10 {
		t.Errorf("a wrong password took %s, nobody %s", first, second)
	}
	if _, long, _ := check("jo", strings.Repeat("x", longestPassword+1)); long == nil || long.Sentence != wrong.Sentence {
		t.Errorf("a long password: %+v", long)
	}
}

// TestBrokenUserFile: a slip in the file keeps nobody in.
func TestBrokenUserFile(t *testing.T) {
	path := newUserFile(t, User{Name: "jo", Role: "analyst", Areas: everyArea})
	u := newUsers(path)
	if _, _, ok := u.find("jo"); !ok {
		t.Fatal("jo is not found")
	}
	if err := os.WriteFile(path, []byte("users: ["), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := u.check(t.Context(), "jo", goodPassword)
	var refusal *Refusal
	if _, _, ok := u.find("jo"); ok || !errors.As(err, &refusal) || refusal.Status != http.StatusServiceUnavailable || refusal.Why == nil {
		t.Errorf("found %v, refusal %+v", ok, refusal)
	}
	if err := WriteUsers(path, []User{{Name: "jo", Role: "viewer", Areas: everyArea, Password: HashPassword("a new password")}}); err != nil {
		t.Fatal(err)
	}
	if p, _, ok := u.find("jo"); !ok || p.Role != Viewer {
		t.Errorf("%v %v after it was mended", p, ok)
	}
}

func TestLimits(t *testing.T) {
	now := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)
	home, other := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.1")
	l := newLimits()
	for i := range accountThere.attempts {
		if wait := l.try(now, "jo", home); wait != 0 {
			t.Errorf("attempt %d waits %s", i, wait)
		}
	}
	if wait := l.try(now, "jo", home); wait <= 0 || wait > accountThere.pause {
		t.Errorf("the next waits %s", wait)
	}
	// Whoever guesses at one place locks nobody out at another.
	if wait := l.try(now, "jo", other); wait != 0 {
		t.Errorf("from elsewhere it waits %s", wait)
	}
	if wait := l.try(now, "al", home); wait != 0 {
		t.Errorf("another account waits %s", wait)
	}
	if wait := l.try(now.Add(accountThere.pause), "jo", home); wait != 0 {
		t.Errorf("after the pause it waits %s", wait)
	}
	l.succeeded("jo", home)
	if wait := l.try(now.Add(accountThere.pause), "jo", home); wait != 0 {
		t.Errorf("after a success it waits %s", wait)
	}
	// Many addresses do not help whoever guesses at one account.
	l, waited := newLimits(), 0
	for i := range 2 * accountAnywhere.attempts {
		if l.try(now, "jo", netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})) > 0 {
			waited++
		}
	}
	if waited != accountAnywhere.attempts {
		t.Errorf("%d of %d attempts from as many addresses wait, want %d", waited, 2*accountAnywhere.attempts, accountAnywhere.attempts)
	}
	l = newLimits()
	for i := range addressLimit.attempts {
		if wait := l.try(now, string(rune('a'+i)), home); wait != 0 {
			t.Fatalf("attempt %d waits %s", i, wait)
		}
	}
	if wait := l.try(now, "z", home); wait <= 0 {
		t.Error("an address may try without end")
	}
	if wait := l.try(now, "z", other); wait != 0 {
		t.Errorf("another address waits %s", wait)
	}
	for a, b := range map[string]string{"2001:db8::1": "2001:db8::ffff:2", "::ffff:192.0.2.1": "192.0.2.1"} {
		if network(netip.MustParseAddr(a)) != network(netip.MustParseAddr(b)) {
			t.Errorf("%s and %s are counted apart", a, b)
		}
	}
}

func TestOnward(t *testing.T) {
	for to, want := range map[string]string{
		"/data?a=b": "/data?a=b", "/": "/", "": "/", "//example.org/x": "/", "/\\example.org": "/", "https://example.org/": "/", "javascript:alert(1)": "/",
		"data": "/", "/x\r\nSet-Cookie: a=b": "/", "/\t/example.org": "/", "/%2F/example.org": "/%2F/example.org", "/%zz": "/",
	} {
		if got := Onward(to); got != want {
			t.Errorf("Onward(%q) = %q, want %q", to, got, want)
		}
	}
}

// A change that began before another must not undo it: somebody who was taken out would
// be let in again.
func TestTwoChangesOfUsersFollowEachOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.yaml")
	password := HashPassword("a password long enough")
	if err := WriteUsers(path, []User{{Name: "ann", Role: "admin", Areas: everyArea, Password: password}, {Name: "vera", Role: "viewer", Areas: everyArea, Password: password}}); err != nil {
		t.Fatal(err)
	}
	begun, removed := make(chan struct{}), make(chan error, 1)
	go func() {
		<-begun
		removed <- ChangeUsers(path, func(all []User) ([]User, error) {
			return slices.DeleteFunc(all, func(u User) bool { return u.Name == "vera" }), nil
		})
	}()
	err := ChangeUsers(path, func(all []User) ([]User, error) {
		close(begun)
		return append(all, User{Name: "jo", Role: "viewer", Areas: everyArea, Password: password}), nil
	})
	if err := errors.Join(err, <-removed); err != nil {
		t.Fatal(err)
	}
	all, err := ReadUsers(path)
	if err != nil || len(all) != 2 || all[0].Name != "ann" || all[1].Name != "jo" {
		t.Errorf("the users are %+v, %v", all, err)
	}
}

// TestAreasOfLocalUsers: the file names them, and who has none there sees all.
func TestAreasOfLocalUsers(t *testing.T) {
	u := newUsers(newUserFile(t, User{Name: "jo", Role: "viewer", Areas: []string{"Kent", "E23000026"}}, User{Name: "al", Role: "viewer", Areas: everyArea}, User{Name: "cy", Role: "viewer", Areas: []string{"all"}}))
	for name, want := range map[string]Person{"jo": {ID: "jo", Role: Viewer, Some: true, Areas: "E23000026\nKent"}, "al": {ID: "al", Role: Viewer}, "cy": {ID: "cy", Role: Viewer}} {
		if got, _, ok := u.find(name); !ok || got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

// TestNoAreaByAccident: users whose areas are empty see none in detail, and no file has
// them. Only a file without the key is of before there were any, and is of users who see
// all; once written it says so.
func TestNoAreaByAccident(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.yaml")
	for _, areas := range [][]string{nil, {}, {""}} {
		err := WriteUsers(path, []User{{Name: "jo", Role: "viewer", Areas: areas, Password: HashPassword(goodPassword)}})
		if err == nil || !strings.Contains(err.Error(), "the areas of jo: no area is named") {
			t.Errorf("%q: %v", areas, err)
		}
		if p := (Person{}).inDetail(areas); !p.Some || p.Areas != "" {
			t.Errorf("%q: %+v", areas, p)
		}
	}
	if err := os.WriteFile(path, []byte("users: [{name: jo, role: viewer, password: '"+HashPassword(goodPassword)+"'}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if p, _, ok := newUsers(path).find("jo"); !ok || p.Some {
		t.Errorf("without the key: %+v", p)
	}
	if err := ChangeUsers(path, func(all []User) ([]User, error) { return all, nil }); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || !strings.Contains(string(text), "- all\n") {
		t.Errorf("%s, error %v", text, err)
	}
}
