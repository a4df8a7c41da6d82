package command

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/dashboard/signin"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
)

// typing is a command to which somebody types.
func (f folder) typing(t *testing.T, typed string, args ...string) answer {
	t.Helper()
	var out, errors bytes.Buffer
	status := Run(t.Context(), Environment{Args: append(args, "--config", f.config), Stdin: strings.NewReader(typed), Stdout: &out, Stderr: &errors, Env: func(string) (string, bool) { return "", false }})
	return answer{status, out.String(), errors.String()}
}

const programsConfig = "data_dir: d\ndashboard: {base_url: 'http://127.0.0.1:8080'}\nauth: {users: users.yaml, programs: programs.yaml}\n"

const usersConfig = "data_dir: d\ndashboard: {base_url: 'http://127.0.0.1:8080'}\nauth: {users: users.yaml}\n"

func TestUsers(t *testing.T) {
	f := newFolder(t)
	if got := f.typing(t, "", "user", "list"); got.status != ExitFailed || !strings.Contains(got.errors, "auth.users names no file") {
		t.Errorf("without a file of users: %+v", got)
	}
	f.write(t, "config.yaml", usersConfig)
	if got := f.typing(t, "", "serve", "--listen", "127.0.0.1:0"); got.status != ExitFailed || !strings.Contains(got.errors, "`stalkstats user add NAME --role admin` makes it") {
		t.Errorf("before the first user: %+v", got)
	}
	for _, step := range []struct {
		typed  string
		args   []string
		status int
		says   string
	}{
		{"three words together\n", []string{"user", "add", "jo", "--role", "admin"}, ExitDone, "jo is added as admin\n"},
		{"three words together\n", []string{"user", "add", "jo", "--role", "admin"}, ExitFailed, "stalkstats: there is a user jo already\n"},
		{"short\n", []string{"user", "add", "al", "--role", "viewer"}, ExitFailed, "stalkstats: the password has fewer than 12 characters: take three words that nobody would guess together\n"},
		{"", []string{"user", "add", "al", "--role", "viewer"}, ExitFailed, "stalkstats: the password has fewer than 12 characters: take three words that nobody would guess together\n"},
		{"three words together", []string{"user", "add", "al", "--role", "viewer"}, ExitDone, "al is added as viewer\n"},
		{"x\n", []string{"user", "add", "Al Two", "--role", "viewer"}, ExitUsage, "must be 2 to 40 small letters"},
		{"x\n", []string{"user", "add", "ed", "--role", "chief"}, ExitUsage, `"chief" is none of the roles viewer, analyst, data_owner, admin`},
		{"", []string{"user", "role", "al", "analyst"}, ExitDone, "al is analyst from the next page on\n"},
		{"", []string{"user", "role", "ed", "analyst"}, ExitFailed, "stalkstats: there is no user ed\n"},
		{"", []string{"user", "list"}, ExitDone, "al  analyst  all\njo  admin  all\n"},
		{"", []string{"user", "list", "--json"}, ExitDone, `"name":"al","role":"analyst"`},
		{"", []string{"user", "areas", "al", "E23000026", "Cheshire"}, ExitDone, "al sees in detail from the next page on: E23000026, Cheshire\n"},
		{"", []string{"user", "areas", "ed", "all"}, ExitFailed, "stalkstats: there is no user ed\n"},
		{"three words together", []string{"user", "add", "cy", "--role", "viewer", "--areas", "Kent,Essex"}, ExitDone, "cy is added as viewer\n"},
		{"", []string{"user", "list"}, ExitDone, "al  analyst  E23000026, Cheshire\ncy  viewer  Kent, Essex\njo  admin  all\n"},
		{"three words together", []string{"user", "add", "di", "--role", "viewer", "--areas", ""}, ExitUsage, "stalkstats: --areas: no area is named: give ONS codes or names, all for every area, or none for no area\n"},
		{"three words together", []string{"user", "add", "di", "--role", "viewer", "--areas="}, ExitUsage, "--areas: no area is named"},
		{"three words together", []string{"user", "add", "di", "--role", "viewer", "--areas", " , "}, ExitUsage, "--areas: no area is named"},
		{"", []string{"user", "areas", "cy", ""}, ExitUsage, "stalkstats: areas: no area is named: give ONS codes or names, all for every area, or none for no area\n"},
		{"", []string{"user", "list"}, ExitDone, "al  analyst  E23000026, Cheshire\ncy  viewer  Kent, Essex\njo  admin  all\n"},
		{"three words together", []string{"user", "add", "di", "--role", "viewer", "--areas", "none"}, ExitDone, "di is added"},
		{"", []string{"user", "list"}, ExitDone, "cy  viewer  Kent, Essex\ndi  viewer  none\njo  admin  all\n"},
		{"", []string{"user", "remove", "di"}, ExitDone, "di is removed"},
		{"three words together", []string{"user", "add", "di", "--role", "viewer", "--areas", "Bedfordshir,e23000026"}, ExitDone,
			"di is added as viewer\nstalkstats: \"Bedfordshir\" is no force that is known here, by code or name: it opens nothing, unless an areas file of your own has that name\n"},
		{"", []string{"user", "areas", "di", "k04000001", "kent"}, ExitDone, "di sees in detail from the next page on: k04000001, kent\nstalkstats: \"k04000001\" is no force"},
		{"", []string{"user", "remove", "di"}, ExitDone, "di is removed"},
		{"", []string{"user", "remove", "cy"}, ExitDone, "cy is removed"},
		{"other words together\n", []string{"user", "password", "al"}, ExitDone, "the password of al is changed, and their sessions have ended\n"},
		{"", []string{"user", "remove", "al"}, ExitDone, "al is removed, and their sessions have ended\n"},
		{"", []string{"user", "remove", "al"}, ExitFailed, "stalkstats: there is no user al\n"},
		{"", []string{"user", "list"}, ExitDone, "jo  admin  all\n"},
	} {
		if got := f.typing(t, step.typed, step.args...); got.status != step.status || !strings.Contains(strings.NewReplacer("\n  ", "", "{ ", "{", "\": ", "\":").Replace(got.out)+got.errors, step.says) {
			t.Errorf("%v: %+v, want %q", step.args, got, step.says)
		}
	}
	for _, areas := range []string{"London, City of", "all", "none", "British Transport Police; btp"} {
		if got := f.typing(t, "", "user", "areas", "jo", areas); got.status != ExitDone || got.errors != "" {
			t.Errorf("%s: %+v", areas, got)
		}
	}
	text, err := os.ReadFile(filepath.Join(f.dir, "users.yaml"))
	if err != nil || strings.Contains(string(text), "words") || !strings.Contains(string(text), "$argon2id$v=19$m=65536,t=3,p=4$") {
		t.Errorf("the file holds %s, error %v", text, err)
	}
}

// TestPrograms: the token is printed once, and the file has its hash alone.
func TestPrograms(t *testing.T) {
	f := newFolder(t)
	if got := f.typing(t, "", "program", "list"); got.status != ExitFailed || !strings.Contains(got.errors, "auth.programs names no file") {
		t.Errorf("without a file of programs: %+v", got)
	}
	f.write(t, "config.yaml", "data_dir: d\nauth: {programs: programs.yaml}\n")
	if got := f.typing(t, "", "check"); got.status != ExitFailed || !strings.Contains(got.errors, "auth.programs: where people do not sign in") {
		t.Errorf("without sign-in: %+v", got)
	}
	f.write(t, "config.yaml", programsConfig)
	f.write(t, "users.yaml", "users: []\n")
	if got := f.typing(t, "", "serve", "--listen", "127.0.0.1:0"); got.status != ExitFailed || !strings.Contains(got.errors, "`stalkstats program add NAME --role analyst` makes it") {
		t.Errorf("before the first program: %+v", got)
	}
	inAYear := time.Now().Add(tokenTakenFor).Format(time.DateOnly)
	for _, step := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"program", "add", "power-bi", "--role", "analyst"}, ExitDone, "stalkstats_"},
		{[]string{"program", "add", "power-bi", "--role", "analyst"}, ExitFailed, "there is a program power-bi already: remove it first, and it gets another token"},
		{[]string{"program", "add", "prometheus", "--role", "admin", "--ends", "2999-12-31"}, ExitDone, "stalkstats_"},
		{[]string{"program", "add", "x1", "--role", "admin", "--ends", "2024-02-30"}, ExitUsage, `--ends: "2024-02-30" is not a day`},
		{[]string{"program", "add", "x1", "--role", "admin", "--ends", "2024-02-28"}, ExitUsage, "--ends: 28 February 2024 is over"},
		{[]string{"program", "add", "x1", "--role", "chief"}, ExitUsage, "is none of the roles"},
		{[]string{"program", "add", "X 1", "--role", "admin"}, ExitUsage, "small letters"},
		{[]string{"program", "list"}, ExitDone, "power-bi  analyst  " + inAYear + "\nprometheus  admin  2999-12-31\n"},
		{[]string{"program", "list", "--json"}, ExitDone, "2999-12-31"},
		{[]string{"program", "remove", "power-bi"}, ExitDone, "power-bi is removed"},
		{[]string{"program", "remove", "power-bi"}, ExitFailed, "there is no program power-bi"},
		{[]string{"program", "list"}, ExitDone, "prometheus  admin  2999-12-31\n"},
	} {
		if got := f.typing(t, "", step.args...); got.status != step.status || !strings.Contains(got.out+got.errors, step.says) {
			t.Errorf("%v: %+v, want %q", step.args, got, step.says)
		}
	}
	text, err := os.ReadFile(filepath.Join(f.dir, "programs.yaml"))
	if err != nil || strings.Contains(string(text), "stalkstats_") {
		t.Errorf("the file holds %s, error %v", text, err)
	}
}

// TestPasswordIsTypedTwice on a terminal.
func TestPasswordIsTypedTwice(t *testing.T) {
	f := newFolder(t)
	f.write(t, "config.yaml", usersConfig)
	for typed, want := range map[string]int{"three words together,three words together": ExitDone, "three words together,three words togethre": ExitFailed, "short,short": ExitFailed} {
		left := strings.Split(typed, ",")
		var out, told bytes.Buffer
		status := Run(t.Context(), Environment{Args: []string{"user", "add", "jo", "--role", "admin", "--config", f.config}, Stdout: &out, Stderr: &told, Env: func(string) (string, bool) { return "", false },
			ReadPassword: func() (string, error) {
				if len(left) == 0 {
					return "", errors.New("asked too often")
				}
				next := left[0]
				left = left[1:]
				return next, nil
			}})
		if status != want || strings.Contains(told.String(), "words together") {
			t.Errorf("%s: %d %s", typed, status, &told)
		}
		if err := os.Remove(filepath.Join(f.dir, "users.yaml")); (err == nil) != (want == ExitDone) {
			t.Errorf("%s: the file: %v", typed, err)
		}
	}
}

// TestCommandsAreInTheAudit under the account that gave them.
func TestCommandsAreInTheAudit(t *testing.T) {
	f := newFolder(t)
	f.load(t)
	if got := f.command(t, "etl", "run", "force_return", "--dry-run", "--file", filepath.Join(f.dir, "good.csv")); got.status != ExitDone {
		t.Fatalf("%+v", got)
	}
	if got := f.command(t, "etl", "accept", "none", "--why", "x"); got.status == ExitDone {
		t.Fatalf("%+v", got)
	}
	if got := f.command(t, "report", "--measure", "stalking_charges"); got.status != ExitDone {
		t.Fatalf("%+v", got)
	}
	f.write(t, "config.yaml", programsConfig)
	for _, args := range [][]string{{"user", "add", "jo", "--role", "viewer"}, {"user", "role", "jo", "analyst"}, {"user", "areas", "jo", "Kent", "Essex"}, {"user", "password", "jo"}, {"user", "remove", "jo"},
		{"program", "add", "power-bi", "--role", "analyst", "--ends", "2999-12-31"}, {"program", "remove", "power-bi"}} {
		if got := f.typing(t, "three words together\n", args...); got.status != ExitDone {
			t.Fatalf("%v: %+v", args, got)
		}
	}
	if got := f.typing(t, "", "user", "remove", "jo"); got.status == ExitDone { // nothing was done
		t.Fatalf("%+v", got)
	}
	db, err := clickhouse.Open(t.Context(), clickhouse.Options{Dir: filepath.Join(f.dir, "d", "clickhouse"), Connections: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var got []string
	me := (&session{}).user()
	for a, err := range query.New(db).Acts(t.Context(), me, time.Time{}, time.Time{}) {
		if err != nil || a.Channel != stats.CommandChannel {
			t.Fatalf("%+v, error %v", a, err)
		}
		got = append(got, fmt.Sprintf("%s %s %s", a.Action, a.About, a.Outcome))
	}
	if want := "remove a program power-bi done; add a program power-bi --role analyst --ends 2999-12-31 done; remove a user jo done; change a password jo done; " +
		"change areas jo Kent, Essex done; change a role jo analyst done; add a user jo --role viewer done; download observations?measure=stalking_charges done; accept none failed; check force_return --file good.csv done; run force_return done"; strings.Join(got, "; ") != want {
		t.Errorf("the audit has %v, want %s", got, want)
	}
}

// TestOnlyHereWithoutSignIn: the figures are never where somebody could read them who
// has not signed in, or on the way.
func TestOnlyHereWithoutSignIn(t *testing.T) {
	f := newFolder(t)
	const sources = "etl: {sources: []}\n"
	for name, test := range map[string]struct{ config, listen, says string }{
		"no sign-in":          {"data_dir: d\n", "0.0.0.0:0", `--listen: "0.0.0.0:0" can be reached from other machines; without sign-in only a loopback address such as 127.0.0.1 is allowed: auth says how people sign in`},
		"no host":             {"data_dir: d\n", ":0", `--listen: ":0" can be reached from other machines; without sign-in`},
		"sign-in without TLS": {usersConfig, "0.0.0.0:0", `--listen: "0.0.0.0:0" can be reached from other machines, and without TLS passwords could be read on the way`},
		"a broken address":    {usersConfig, "here", `--listen: "here" is not an address and port`},
	} {
		f.write(t, "config.yaml", test.config+sources)
		if got := f.command(t, "serve", "--listen", test.listen); got.status != ExitUsage || !strings.Contains(got.errors, test.says) {
			t.Errorf("%s: %+v, want %q", name, got, test.says)
		}
	}
}

// TestSignInDoor: the whole program, over TLS, to somebody who signs in.
func TestSignInDoor(t *testing.T) {
	f := newFolder(t)
	leaf, _ := writePair(t, f, "stalkstats.example.org", time.Now().Add(time.Hour))
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := port.Addr().String()
	port.Close()
	f.write(t, "config.yaml", fmt.Sprintf("data_dir: d\ndashboard:\n  base_url: https://%s\n  tls: {certificate: site.pem, key: site.key}\nauth: {users: users.yaml}\netl:\n  sources:\n"+
		"    - {name: areas, parser: areas, from: 'builtin:areas.csv'}\n    - {name: measures, parser: measures, from: 'builtin:measures.csv'}\n    - {name: force_return, parser: force_return, from: good.csv}\n", address))
	if got := f.typing(t, "three words together\n", "user", "add", "jo", "--role", "viewer"); got.status != ExitDone {
		t.Fatalf("%+v", got)
	}
	server := other(t, "serve", "--config", f.config, "--listen", address)
	log, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	spoken := false
	for lines.Scan() && !strings.Contains(lines.Text(), "msg=ready") {
		spoken = spoken || regexp.MustCompile(`msg=pages address=https://`).MatchString(lines.Text())
	}
	go func() { _, _ = io.Copy(io.Discard, log) }()
	pool := x509.NewCertPool()
	pool.AddCert(&leaf)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	see := func(method, path string, form url.Values) (at, page string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, "https://"+address+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", "text/html")
		if form != nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		answer, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.Request.URL.Path, string(body)
	}
	if at, page := see(http.MethodGet, "/measures", nil); at != "/sign-in" || !spoken || strings.Contains(page, "Stalking charges") {
		t.Errorf("nobody comes to %s (TLS told: %v): %s", at, spoken, page)
	}
	if at, page := see(http.MethodPost, "/sign-in", url.Values{"name": {"jo"}, "password": {"three words together"}, "to": {"/measures"}}); at != "/measures" || !strings.Contains(page, "Stalking charges") {
		t.Errorf("jo comes to %s: %s", at, page)
	}
	if got := f.typing(t, "", "user", "remove", "jo"); got.status != ExitDone {
		t.Fatalf("%+v", got)
	}
	if at, _ := see(http.MethodGet, "/measures", nil); at != "/sign-in" {
		t.Errorf("once removed jo comes to %s", at)
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Error(err)
	}
}

// TestAllOfAProviderIsHandedOn: a claim of areas that got lost would show everybody all of
// them.
func TestAllOfAProviderIsHandedOn(t *testing.T) {
	got := oidcOf(config.OIDC{Issuer: "i", Name: "n", ClientID: "c", Secret: "s", Scopes: []string{"p"}, UserClaim: "u", GroupsClaim: "g", AreasClaim: "a"}, map[string]signin.Role{"x": signin.Viewer})
	want := signin.OIDC{Issuer: "i", Name: "n", ClientID: "c", Secret: "s", Scopes: []string{"p"}, UserClaim: "u", GroupsClaim: "g", AreasClaim: "a", Roles: map[string]signin.Role{"x": signin.Viewer}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
