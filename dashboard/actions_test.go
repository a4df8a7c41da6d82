package dashboard

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/pagetest"
	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

const (
	oldRelease = "20241001T060000-aaaaaaaa"
	newRelease = "20241008T060000-bbbbbbbb"
	heldRun    = "20241012T060000-cccccccc"
	dryRun     = "20241013T060000-dddddddd"
)

func TestConfirmations(t *testing.T) {
	w := newWorks(t)
	tests := []struct {
		address string
		status  int
		says    []string
	}{
		{"/data/sources/force_return/run", 200, []string{"Run the force’s monthly return now?", "where the configuration says: inbox/*.csv", "replaces the present one, october.csv, published on 8 October 2024, 07:00 BST"}},
		{"/data/sources/force_return/check", 200, []string{"Check the file of the force’s monthly return?", "where the configuration says: inbox/*.csv", "Nothing is published by it"}},
		{"/data/sources/force_arrests/check", 200, []string{"Nothing is published by it"}},
		{"/data/sources/none/check", 404, []string{"There is no source “none” in the configuration."}},
		{"/data/sources/force_arrests/run", 200, []string{"Nothing of this source is served now."}},
		{"/data/runs/" + dryRun + "/replay", 200, []string{"Publish the figures of try.csv?", "3 figures new, 2 changed, 1 gone, against what was served then"}},
		{"/data/runs/" + newRelease + "/replay", 200, []string{"Read october.csv again?", "today’s mappings", "If the same figures come of it, nothing changes."}},
		{"/data/runs/" + heldRun + "/accept", 200, []string{"Publish november.csv though a check failed?", "Publishing it: 3 figures new, 2 changed, 1 gone.", "Jumps: Bedfordshire rose from 10 to 900."}},
		{"/data/releases/" + newRelease + "/withdraw", 200, []string{"Withdraw october.csv?", "serves 2 parts", "1 figure changes, 1 comes back and 3 are no longer served.",
			"2023: september.csv serves again, first served on 1 October 2024", "2024: nothing is served any more."}},
		{"/data/runs/" + newRelease + "/accept", 409, []string{"not held: it ended as published"}},
		{"/data/releases/" + oldRelease + "/withdraw", 409, []string{"This release serves nothing now"}},
		{"/data/releases/none/withdraw", 404, []string{"There is no release “none”."}},
		{"/data/runs/none/replay", 404, []string{"There is no run “none”."}},
		{"/data/runs/none/accept", 404, []string{"There is no run “none”."}},
		{"/data/sources/none/run", 404, []string{"There is no source “none” in the configuration."}},
		{"/data/sources/force_return/run?x=1", 400, []string{"no parameter “x”"}},
	}
	for _, test := range tests {
		t.Run(test.address, func(t *testing.T) {
			got := w.get(test.address)
			if got.Code != test.status {
				t.Errorf("status = %d, want %d", got.Code, test.status)
			}
			for _, want := range test.says {
				if body := page(t, got); !strings.Contains(body, want) {
					t.Errorf("page = %q, want %q", body, want)
				}
			}
			if strings.Contains(got.Body.String(), "/srv/") {
				t.Error("the page tells where the file lies")
			}
			// What cannot be confirmed cannot be sent either.
			if sent := w.post(test.address, url.Values{"who": {"A"}, "why": {"B"}}); test.status != 200 && sent.Code != test.status {
				t.Errorf("sent all the same: %d, want %d", sent.Code, test.status)
			}
		})
	}
}

// TestUndone: a withdrawal is told until something is published after it.
func TestUndone(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2024, 10, day, 8, 0, 0, 0, time.UTC) }
	release := func(file string, published, withdrawn int) query.PastRelease {
		p := query.PastRelease{Release: stats.Release{ID: file, File: file, PublishedAt: at(published)}}
		if withdrawn > 0 {
			p.Withdrawn = query.Withdrawn{Run: "w", At: at(withdrawn), Who: "Bo", Why: "another force’s"}
		}
		return p
	}
	for name, tt := range map[string]struct {
		releases []query.PastRelease
		says     string
	}{
		"none":                {[]query.PastRelease{release("a", 1, 0)}, ""},
		"the newest":          {[]query.PastRelease{release("b", 2, 4), release("a", 1, 3)}, "b withdrawn 4 October 2024, 09:00 BST by Bo"},
		"and published since": {[]query.PastRelease{release("c", 5, 0), release("b", 2, 4)}, ""},
	} {
		got := ""
		if row := undone(tt.releases, sliceNamer{}); row != nil {
			got = row.File + " " + row.Words
		}
		if got != tt.says {
			t.Errorf("%s: %q, want %q", name, got, tt.says)
		}
	}
}

func TestRequests(t *testing.T) {
	tests := map[string]struct {
		address string
		want    stats.Request
	}{
		"run":      {"/data/sources/force_return/run", stats.Request{Kind: stats.RunRequest, Source: "force_return"}},
		"check":    {"/data/sources/force_return/check", stats.Request{Kind: stats.RunRequest, Source: "force_return", DryRun: true}},
		"check 2":  {"/data/sources/force_arrests/check", stats.Request{Kind: stats.RunRequest, Source: "force_arrests", DryRun: true}},
		"replay":   {"/data/runs/" + dryRun + "/replay", stats.Request{Kind: stats.ReplayRequest, Source: "force_return", Run: dryRun}},
		"accept":   {"/data/runs/" + heldRun + "/accept", stats.Request{Kind: stats.AcceptRequest, Source: "force_return", Run: heldRun}},
		"withdraw": {"/data/releases/" + newRelease + "/withdraw", stats.Request{Kind: stats.WithdrawRequest, Source: "force_return", Release: newRelease}},
	}
	w := newWorks(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w.exec(t, "TRUNCATE TABLE requests")
			got := w.post(test.address, url.Values{"who": {" <b>Ann</b> O’Hara "}, "why": {"two\r\nlines"}}, "Sec-Fetch-Site", "same-origin")
			asked, n := w.wanted(t)
			if n != 1 || got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/data/requests/"+asked.ID {
				t.Fatalf("%d requests, status %d, to %q:\n%s", n, got.Code, got.Header().Get("Location"), got.Body)
			}
			test.want.ID, test.want.AskedAt, test.want.Who, test.want.Why = asked.ID, testNow, "<b>Ann</b> O’Hara", "two lines"
			if diff := cmp.Diff(query.Asked{Request: test.want, Answer: stats.Answer{Request: asked.ID, Runs: []string{}}}, asked); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if body := page(t, w.get("/data/requests/"+asked.ID)); !strings.Contains(body, "<b>Ann</b> O’Hara: two lines") {
				t.Errorf("the page of the request = %q", body)
			}
			if body := page(t, w.get("/data/sources/"+test.want.Source)); !strings.Contains(body, "and not done yet") {
				t.Errorf("the page of the source does not say that something waits: %q", body)
			}
		})
	}
}

func TestRefusedForms(t *testing.T) {
	w := newWorks(t)
	accept, run := "/data/runs/"+heldRun+"/accept", "/data/sources/force_return/run"
	tests := []struct {
		name, address string
		form          url.Values
		headers       []string
		status        int
		says          string
	}{
		{"no name", run, url.Values{}, nil, 400, "Give your name"},
		{"blank name", run, url.Values{"who": {" \u00a0 "}}, nil, 400, "Give your name"},
		{"no reason", accept, url.Values{"who": {"Ann"}, "why": {"\r\n"}}, nil, 400, "Say why"},
		{"long name", run, url.Values{"who": {strings.Repeat("é", 81)}}, nil, 400, "The name is longer than 80 characters"},
		{"long reason", accept, url.Values{"who": {"Ann"}, "why": {strings.Repeat("é", 501)}}, nil, 400, "The reason is longer than 500 characters"},
		{"control", run, url.Values{"who": {"An\x00n"}}, nil, 400, "The name holds a character that cannot be shown"},
		{"tab in a name", run, url.Values{"who": {"Ann\tBob"}}, nil, 400, "The name holds a line end or a tab: write it in one line."},
		{"line end in a name", run, url.Values{"who": {"Ann\nBob"}}, nil, 400, "The name holds a line end or a tab: write it in one line."},
		{"an escape in a reason", accept, url.Values{"who": {"Ann"}, "why": {"a\x1b[2J"}}, nil, 400, "The reason holds a character that cannot be shown"},
		{"turned round", accept, url.Values{"who": {"Ann"}, "why": {"a\u202eb"}}, nil, 400, "The reason holds a character that cannot be shown"},
		{"a birth in a reason", accept, url.Values{"who": {"Ann"}, "why": {"born 12/03/1985"}}, nil, 400, "The reason holds a date of birth: take it out."},
		{"not text", run, url.Values{"who": {"\xff"}}, nil, 400, "The name is not text in UTF-8."},
		{"twice", run, url.Values{"who": {"Ann", "Bob"}}, nil, 400, "no second “who”"},
		{"another field", run, url.Values{"who": {"Ann"}, "source": {"x"}}, nil, 400, "no second “source”"},
		{"very long", run, url.Values{"who": {strings.Repeat("a", largestFields)}}, nil, 413, "longer than its answers can be"},
		{"another site", run, url.Values{"who": {"Ann"}}, []string{"Sec-Fetch-Site", "cross-site"}, 403, "sent from a page of another site"},
		{"another port", run, url.Values{"who": {"Ann"}}, []string{"Sec-Fetch-Site", "same-site", "Origin", "http://localhost:9090"}, 403, "sent from a page of another site"},
		{"another origin", run, url.Values{"who": {"Ann"}}, []string{"Origin", "http://example.org"}, 403, "sent from a page of another site"},
		{"a page that takes no form", "/data", url.Values{"who": {"Ann"}}, nil, 405, "it can only be read"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := w.post(test.address, test.form, test.headers...)
			if body := page(t, got); got.Code != test.status || !strings.Contains(body, test.says) {
				t.Errorf("status %d, page %q, want %d and %q", got.Code, body, test.status, test.says)
			}
		})
	}
	if _, n := w.wanted(t); n != 0 {
		t.Errorf("%d requests were written down all the same", n)
	}
}

func TestActionsOff(t *testing.T) {
	w := newWorks(t)
	w.site.actions = false
	for _, address := range []string{"/data/sources/force_return/run", "/data/runs/" + dryRun + "/replay", "/data/runs/" + heldRun + "/accept", "/data/releases/" + newRelease + "/withdraw"} {
		for _, got := range []*httptest.ResponseRecorder{w.get(address), w.post(address, url.Values{"who": {"Ann"}, "why": {"So"}})} {
			if got.Code != 403 || !strings.Contains(page(t, got), "dashboard.actions is off in the configuration") {
				t.Errorf("%s = %d", address, got.Code)
			}
		}
	}
	if got := w.upload("force_return", "Ann", "f.csv", []byte("x")); got.Code != 403 {
		t.Errorf("upload = %d", got.Code)
	}
	for _, address := range []string{"/data/sources/force_return", "/data/runs/" + heldRun, "/data/runs/" + newRelease} {
		root := parse(t, w.get(address).Body.Bytes())
		if found := append(pagetest.Elements(root, "form", ""), pagetest.Elements(root, "a", "govuk-button")...); len(found) > 0 {
			t.Errorf("%s offers an action: %q", address, text(found[0]))
		}
	}
	if _, n := w.wanted(t); n != 0 || w.uploads(t) != 0 {
		t.Errorf("%d requests and %d parts were kept", n, w.uploads(t))
	}
}

// Withdrawn one after the other, releases go back in order, and none comes
// back that was withdrawn itself.
func TestWithdrawalGoesBackInOrder(t *testing.T) {
	w := newWorks(t)
	reader := query.New(w.db)
	back := func(release string) (slices string) {
		t.Helper()
		effect, err := reader.Withdrawal(context.Background(), stats.Release{ID: release, Source: "force_return"})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range effect.Slices {
			slices += s.Slice + "=" + s.Back.ID + " "
		}
		return slices
	}
	if got, want := back(newRelease), "2023="+oldRelease+" 2024= "; got != want {
		t.Errorf("back = %q, want %q", got, want)
	}
	w.exec(t, "INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('force_return','2023','"+oldRelease+"','2024-10-14 06:00:00','w'), ('force_return','2024','','2024-10-14 06:00:00','w')")
	if got := back(newRelease); got != "" {
		t.Errorf("a withdrawn release serves %q", got)
	}
	if got, want := back(oldRelease), "2023= "; got != want {
		t.Errorf("back = %q, want %q: what was withdrawn does not come back", got, want)
	}
	releases, err := reader.Releases(t.Context(), "force_return")
	if err != nil || len(releases) != 2 || len(releases[0].Serves) != 0 || !cmp.Equal(releases[1].Serves, []string{"2023"}) {
		t.Errorf("releases = %+v, %v", releases, err)
	}
}
