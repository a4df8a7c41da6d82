package dashboard

import (
	"bytes"
	order "cmp"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// signedWorks is the site of works, on which people sign in.
func signedWorks(t *testing.T, log io.Writer) (works, *visitor) {
	t.Helper()
	w := newWorks(t)
	signed := signInSite(t, log)
	w.signIn, w.log = signed.signIn, signed.log
	return w, visit(t, w.site, Options{Reader: query.New(w.db)})
}

func (w works) acts(t *testing.T) []stats.Act {
	t.Helper()
	var all []stats.Act
	for a, err := range query.New(w.db).Acts(t.Context(), "", time.Time{}, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
	return all
}

// TestEveryActIsInTheAudit: each form that does something is registered as an act, and
// nothing else is.
func TestEveryActIsInTheAudit(t *testing.T) {
	s := signInSite(t, io.Discard)
	s.routes(Options{Reader: noReader{}})
	named := map[stats.Action]string{}
	for _, one := range s.all {
		post := strings.HasPrefix(one.pattern, "POST ")
		if post && one.pattern != "POST /sign-in" && one.action == "" {
			t.Errorf("%s does something, and the audit has it not", one.pattern)
		}
		if !post && one.action != "" {
			t.Errorf("%s is only read, and is in the audit as %q", one.pattern, one.action)
		}
		if other := named[one.action]; one.action != "" && other != "" {
			t.Errorf("%s and %s are both %q", one.pattern, other, one.action)
		}
		named[one.action] = one.pattern
	}
	if len(named) < 15 {
		t.Errorf("only %d actions", len(named))
	}
}

// TestAudit: who did what, over the real engine.
func TestAudit(t *testing.T) {
	w, v := signedWorks(t, io.Discard)
	v.send(http.MethodPost, "/sign-in", url.Values{"name": {"data_owner"}, "password": {"not the password"}, "to": {"/"}})
	v.send(http.MethodPost, "/sign-in", url.Values{"name": {"my password, typed as a name"}, "password": {"x"}, "to": {"/"}})
	v.signIn("viewer")
	accept := "/data/runs/" + heldRun + "/accept"
	if got := v.send(http.MethodPost, accept, url.Values{"why": {"x"}}); got.Code != http.StatusForbidden {
		t.Errorf("a viewer accepts: %d", got.Code)
	}
	v.send(http.MethodPost, "/sign-out", url.Values{})
	v.signIn("data_owner")
	if got := v.send(http.MethodPost, accept, url.Values{"why": {""}}); got.Code != http.StatusBadRequest {
		t.Errorf("without a reason: %d", got.Code)
	}
	if got := v.send(http.MethodPost, accept, url.Values{"who": {"somebody else"}, "why": {"the jump is real"}}); got.Code != http.StatusSeeOther {
		t.Errorf("a data owner accepts: %d %s", got.Code, got.Body)
	}
	if asked, n := w.wanted(t); n != 1 || asked.Who != "data_owner" || asked.Why != "the jump is real" {
		t.Errorf("%d requests, the last %+v", n, asked)
	}
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	file, err := parts.CreateFormFile("file", "december.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write([]byte("area_code,period\n")); err != nil {
		t.Fatal(err)
	}
	if err := parts.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/data/sources/force_return/upload", &form)
	r.Host = "stalkstats.example.org"
	r.Header.Set("Content-Type", parts.FormDataContentType())
	if got := v.do(r); got.Code != http.StatusSeeOther {
		t.Errorf("a file: %d %s", got.Code, got.Body)
	}
	if got := v.send(http.MethodGet, "/reports/observations.csv?measure=stalking_charges", nil); got.Code != http.StatusOK {
		t.Errorf("a download: %d", got.Code)
	}
	type act struct {
		User    string
		Action  stats.Action
		About   string
		Outcome stats.ActOutcome
	}
	var got []act
	for _, a := range w.acts(t) {
		if a.Channel != stats.PageChannel || a.ID == "" || (a.Made == "") != (a.Outcome != stats.ActDone || a.Action == stats.SignInAct || a.Action == stats.DownloadAct) {
			t.Errorf("%+v", a)
		}
		got = append(got, act{a.User, a.Action, a.About, a.Outcome})
	}
	// All at one moment of the tests' clock: the order is that of chance.
	slices.SortFunc(got, func(a, b act) int {
		return order.Or(strings.Compare(a.User, b.User), strings.Compare(string(a.Action), string(b.Action)), strings.Compare(string(a.Outcome), string(b.Outcome)))
	})
	want := []act{
		{"data_owner", stats.AcceptAct, accept, stats.ActDone},
		{"data_owner", stats.DownloadAct, "observations?measure=stalking_charges", stats.ActDone},
		{"data_owner", stats.SendAct, "/data/sources/force_return/upload", stats.ActDone},
		{"data_owner", stats.SignInAct, "data_owner", stats.ActDone},
		{"data_owner", stats.SignInAct, "/sign-in", stats.ActRefused},
		{"viewer", stats.AcceptAct, accept, stats.ActRefused},
		{"viewer", stats.SignInAct, "viewer", stats.ActDone},
		{"viewer", stats.SignOutAct, "/sign-out", stats.ActDone},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the audit (-want +got):\n%s", diff)
	}
	if page := v.send(http.MethodGet, "/audit", nil); page.Code != http.StatusForbidden {
		t.Errorf("a data owner reads the audit: %d", page.Code)
	}
	v.cookie = nil
	v.signIn("admin")
	shown := v.send(http.MethodGet, "/audit?user=data_owner", nil)
	if says := page(t, shown); !strings.Contains(says, "5 things were done by data_owner") || !strings.Contains(says, "It is kept for ever.") || strings.Contains(says, "viewer") {
		t.Errorf("the page: %s", says)
	}
	if !strings.Contains(shown.Body.String(), `href="/audit.csv?user=data_owner"`) {
		t.Error("the page does not lead to its CSV")
	}
	rows, err := csv.NewReader(v.send(http.MethodGet, "/audit.csv", nil).Body).ReadAll()
	if err != nil || len(rows) != 1+len(want)+1 || rows[0][2] != "user" {
		t.Errorf("%d rows, error %v", len(rows), err)
	}
	if got := v.send(http.MethodGet, "/audit.csv-metadata.json", nil); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "Who did what") {
		t.Errorf("the description: %d", got.Code)
	}
	for _, address := range []string{"/audit?day=2024-02-30", "/audit?who=x", "/audit?user=" + strings.Repeat("x", 81)} {
		if got := v.send(http.MethodGet, address, nil); got.Code != http.StatusBadRequest {
			t.Errorf("%s = %d", address, got.Code)
		}
	}
	if got := page(t, v.send(http.MethodGet, "/audit?day=2020-01-01", nil)); !strings.Contains(got, "Nothing was done on 1 January 2020") {
		t.Errorf("another day: %s", got)
	}
	if got := page(t, v.send(http.MethodGet, "/data/downloads", nil)); !strings.Contains(got, "Who") || !strings.Contains(got, "data_owner") || strings.Contains(got, "Nobody signs in") {
		t.Errorf("the log of downloads: %s", got)
	}
}

// fullAudit cannot be written to.
type fullAudit struct{}

func (fullAudit) RecordAct(context.Context, stats.Act) error { return errors.New("the disk is full") }

// TestActsThatCannotBeRecorded stand in the log, with all that the audit would have.
func TestActsThatCannotBeRecorded(t *testing.T) {
	var log bytes.Buffer
	RecordAct(t.Context(), fullAudit{}, slog.New(slog.NewTextHandler(&log, nil)), stats.Act{User: "jo", Action: stats.WithdrawAct, About: "/data/releases/x/withdraw", Outcome: stats.ActDone})
	for _, want := range []string{"act not recorded", "user=jo", "action=withdraw", "about=/data/releases/x/withdraw", "outcome=done", "the disk is full"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no %q: %s", want, &log)
		}
	}
}

// TestOutcomesOfActs: what broke off in the middle may have been done, and is there.
func TestOutcomesOfActs(t *testing.T) {
	s := newSite(t, io.Discard)
	for name, test := range map[string]struct {
		h    handler
		want stats.ActOutcome
	}{
		"done": {func(w http.ResponseWriter, r *http.Request) error {
			http.Redirect(w, r, "/x", http.StatusSeeOther)
			return nil
		}, stats.ActDone},
		"shown":      {func(w http.ResponseWriter, _ *http.Request) error { w.WriteHeader(http.StatusBadRequest); return nil }, ""},
		"forbidden":  {func(http.ResponseWriter, *http.Request) error { return errNoActions }, stats.ActRefused},
		"too late":   {func(http.ResponseWriter, *http.Request) error { return conflict("It was withdrawn already.") }, stats.ActRefused},
		"not there":  {func(http.ResponseWriter, *http.Request) error { return notFound("There is no run.") }, ""},
		"failed":     {func(http.ResponseWriter, *http.Request) error { return errors.New("the database is gone") }, stats.ActFailed},
		"broken off": {func(http.ResponseWriter, *http.Request) error { panic("a fault") }, stats.ActFailed},
	} {
		kept := &keptActs{}
		func() {
			defer func() { _ = recover() }()
			_ = s.audited(kept, stats.RunAct, test.h)(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/run", nil))
		}()
		if len(*kept) != len(test.want)/max(len(test.want), 1) || len(*kept) == 1 && (*kept)[0].Outcome != test.want {
			t.Errorf("%s: %+v, want %q", name, *kept, test.want)
		}
	}
}

type keptActs []stats.Act

func (k *keptActs) RecordAct(_ context.Context, a stats.Act) error { *k = append(*k, a); return nil }
