package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"stalkstats/dashboard"
	"stalkstats/dashboard/pagetest"
	"stalkstats/dashboard/signin"
)

const typedPassword = "three words together"

// signInSite serves the default configuration to people who sign in: a user for each
// role, called like it.
func signInSite(t *testing.T) string {
	t.Helper()
	p := newPipeline(t)
	if err := p.etl.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "users.yaml")
	var all []signin.User
	for _, role := range signin.Roles() {
		all = append(all, signin.User{Name: role.String(), Role: role.String(), Areas: []string{signin.EveryArea}, Password: signin.HashPassword(typedPassword)})
	}
	if err := signin.WriteUsers(path, all); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	base := &url.URL{Scheme: "http", Host: server.Listener.Addr().String()}
	log := slog.New(slog.DiscardHandler)
	door, err := signin.New(signin.Options{BaseURL: base, Idle: time.Hour, Longest: time.Hour, Users: path, Now: time.Now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler, err = dashboard.New(dashboard.Options{
		Reader: p.reader, Home: p.cfg.Force, Sources: []dashboard.Source{{Name: "force_return", Title: "the force’s monthly return"}}, Actions: true, Version: "test", Logger: log,
		Ready: func(context.Context) error { return nil }, Now: time.Now, SignIn: door,
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Start()
	t.Cleanup(server.Close)
	return base.String()
}

// typeIn signs in by keyboard, and waits for the page that was asked for.
func typeIn(t *testing.T, ctx context.Context, site, name, to string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate(site+to), chromedp.WaitReady("#name"), chromedp.Focus("#name"), chromedp.KeyEvent(name+kb.Tab+typedPassword)); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
		t.Fatal(err)
	}
	at, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname`))
	if err != nil || at != to {
		t.Fatalf("%s comes to %s, error %v", name, at, err)
	}
}

func signOut(t *testing.T, ctx context.Context, site string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate(site+"/account"), chromedp.WaitReady("form[action='/sign-out'] button"), chromedp.Focus("form[action='/sign-out'] button")); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
		t.Fatal(err)
	}
	if title, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.title`)); err != nil || !strings.HasPrefix(title, "You have signed out") {
		t.Fatalf("after signing out the page is %q, error %v", title, err)
	}
}

// sentTo is what a page is to somebody, or to nobody.
func sentTo(t *testing.T, site, name, path string) []byte {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Jar: jar}
	if name != "" {
		answer, err := client.PostForm(site+"/sign-in", url.Values{"name": {name}, "password": {typedPassword}, "to": {"/about"}})
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	answer, err := client.Get(site + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestSignInInABrowser goes through the pages of sign-in by keyboard, and looks at each
// as the other pages are looked at.
func TestSignInInABrowser(t *testing.T) {
	site := signInSite(t)
	ctx := browser(t)
	bodies, as := map[string][]byte{}, ""
	check := func(name, path string) {
		t.Helper()
		for _, width := range []int64{1280, 320} {
			state, err := look(ctx, site+path, width)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if state.Wide > width || state.Headings != 1 {
				t.Errorf("%s at %d is %d pixels wide, and has %d headings", name, width, state.Wide, state.Headings)
			}
			if width == 320 {
				notCut(t, ctx, name)
			} else {
				walk(t, ctx, name)
			}
			withAxe(t, ctx)
			breaks(t, ctx, fmt.Sprintf("%s at %d", name, width), wholePage, allRules)
			if pictures := os.Getenv("STALKSTATS_PICTURES"); pictures != "" {
				taken, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(pictures, fmt.Sprintf("%s-%d.png", name, width)), taken, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		inEachTheme(t, ctx, name)
		bodies[name] = sentTo(t, site, as, path)
	}
	check("sign-in", "/sign-in?to=/data")
	check("sign-in-ended", "/sign-in?ended=yes")
	as = "viewer"
	typeIn(t, ctx, site, as, "/data")
	check("viewer-overview", "/")
	check("viewer-recommendations", "/recommendations")
	check("viewer-recommendation", "/recommendations/7")
	check("viewer-plan", "/recommendations/plan")
	check("viewer-revisions", "/data/revisions")
	check("viewer-figure", "/figure?measure=stalking_charges&area=E23000026&source=force_return&period=2024-01-01/2024-09-27")
	check("viewer-source", "/data/sources/force_return")
	check("viewer-account", "/account")
	check("viewer-refused", "/recommendations/7/enter")
	for name, body := range bodies {
		if strings.HasPrefix(name, "viewer-") && (strings.Contains(string(body), ">CSV<") || strings.Contains(string(body), "as CSV") || strings.Contains(string(body), `href=""`)) {
			t.Errorf("%s tells a viewer of a file that a viewer may not have", name)
		}
	}
	if offered := string(bodies["viewer-source"]); strings.Contains(offered, "Run it now") || strings.Contains(offered, "Send a file") {
		t.Error("a viewer is offered what only a data owner may do")
	}
	signOut(t, ctx, site)
	as = ""
	check("signed-out", "/sign-in?out=yes")
	as = "data_owner"
	typeIn(t, ctx, site, as, "/recommendations/7/enter")
	check("owner-entry", "/recommendations/7/enter")
	check("owner-source", "/data/sources/force_return")
	for _, name := range []string{"owner-entry", "owner-source"} {
		if strings.Contains(string(bodies[name]), `id="who"`) || !strings.Contains(string(bodies[name]), "You are signed in as <bdi>data_owner</bdi>") {
			t.Errorf("%s asks who has signed in for a name", name)
		}
	}
	signOut(t, ctx, site)
	as = "admin"
	typeIn(t, ctx, site, as, "/account/sessions")
	check("admin-sessions", "/account/sessions")
	check("admin-audit", "/audit")
	check("admin-downloads", "/data/downloads")
	pagetest.Validate(t, ".", bodies)
}

// TestWrongPasswordInABrowser: the list of faults has the focus, as in every form.
func TestWrongPasswordInABrowser(t *testing.T) {
	site := signInSite(t)
	ctx := browser(t)
	if err := chromedp.Do(ctx, chromedp.Navigate(site+"/"), chromedp.WaitReady("#name"), chromedp.Focus("#name"), chromedp.KeyEvent("viewer"+kb.Tab+"not the password")); err != nil {
		t.Fatal(err)
	}
	answer, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(kb.Enter))
	if err != nil || answer.Status != http.StatusUnauthorized {
		t.Fatalf("%+v, error %v", answer, err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](`document.activeElement.className === "govuk-error-summary"`, chromedp.WithPollingTimeout(10*time.Second))); err != nil {
		t.Errorf("the list of faults has not the focus: %v", err)
	}
	if kept, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.getElementById("name").value + "|" + document.getElementById("password").value`)); err != nil || kept != "viewer|" {
		t.Errorf("the form keeps %q, error %v", kept, err)
	}
}
