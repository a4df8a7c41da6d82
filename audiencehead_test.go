package main

import (
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"stalkstats/dashboard"
	"stalkstats/dashboard/published"
)

var (
	headAudience = regexp.MustCompile(`<p class="masthead__audience">([^<]*)`)
	paperFoot    = regexp.MustCompile(`media="print" href="([^"]*)"`)
	removeSaved  = regexp.MustCompile(`href="(/reports/saved/[^"/]+/remove)"`)
)

// TestThePagesOfAReportSayWhomItIsFor: every page of the internal site about one report
// for the published audience says so at its head, and not that its figures are true ones;
// so it does where an answer needs mending. Where it shows figures and names nobody its
// paper may be passed on; where it names people it says that it is for the force.
func TestThePagesOfAReportSayWhomItIsFor(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	if err := p.etl.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	site := serving(t, dashboard.Options{Reader: p.reader, Published: published.NewReader(p.reader, published.NewKeeper(p.reader, usualRules, time.Now, log)),
		Rules: usualRules, Home: p.cfg.Force, Actions: true, Version: "test", Logger: log, Now: time.Now,
		Markings: dashboard.Markings{Internal: "OFFICIAL-SENSITIVE", Published: "FOR EVERYBODY"}})
	for audience, heads := range map[string][2]string{
		"published": {"Published: numbers under 5 hidden, others rounded to 5", "Published: small numbers hidden, others rounded"},
		"internal":  {"Internal: true figures", "Internal: true figures"},
	} {
		report := "?measure=spo_granted&audience=" + audience
		link := permanentLink(t, site, report[1:])
		posted(t, site+"/reports/save"+report, url.Values{"name": {"Saved " + audience}, "schedule": {""}, "cron": {""}, "who": {"Ann Example"}})
		_, _, list := get(t, site+"/reports/saved")
		remove := removeSaved.FindAllStringSubmatch(list, -1)
		if len(remove) == 0 {
			t.Fatalf("nothing is saved:\n%s", list)
		}
		var removed string
		for _, found := range remove { // that of this audience
			if _, _, page := get(t, site+found[1]); strings.Contains(page, "Saved "+audience+"?") {
				removed = found[1]
			}
		}
		for _, about := range []struct {
			address, head string
			form          url.Values // sent without an answer; nil: the page is opened
			figures       bool       // it shows figures and names nobody
		}{
			{address: "/reports" + report, head: heads[0], figures: true},
			{address: "/reports" + report + "&show=yes", head: heads[0], figures: true},
			{address: "/reports" + report + "&show=yes&from=never", head: heads[0], figures: true},
			{address: "/reports/save" + report, head: heads[0]},
			{address: "/reports/save" + report, head: heads[0], form: url.Values{"name": {""}}},
			{address: "/pack/save?page=/orders&audience=" + audience, head: heads[0]},
			{address: "/reports/permalink" + report, head: heads[0]},
			{address: "/reports/permalink" + report, head: heads[0], form: url.Values{"who": {""}}},
			{address: link + "/about", head: heads[1]},
			{address: link + "/withdraw", head: heads[1]},
			{address: link + "/withdraw", head: heads[1], form: url.Values{"who": {""}}},
			{address: removed, head: heads[0]},
			{address: removed, head: heads[0], form: url.Values{"who": {""}}},
		} {
			page := ""
			if about.form == nil {
				_, _, page = get(t, site+about.address)
			} else {
				page = posted(t, site+about.address, about.form)
			}
			if got := headAudience.FindStringSubmatch(page); got == nil || strings.TrimSpace(got[1]) != about.head {
				t.Errorf("%s, %v: at its head stands %q, want %q", about.address, about.form, got, about.head)
			}
			want, marked := "Not for publication. ", "OFFICIAL-SENSITIVE"
			switch {
			case audience == "published" && about.figures:
				want, marked = "", "FOR EVERYBODY"
			case audience == "published":
				want = "This page is for the force alone; its report is for the published audience. "
			}
			foot := footOf(t, page)
			if !strings.HasPrefix(foot.Get("foot"), want+"Figures as served ") || !strings.HasSuffix(foot.Get("foot"), ". Bedfordshire") || foot.Get("marking") != marked || strings.Count(page, ">"+marked+"</p>") != 2 {
				t.Errorf("%s, %v: its paper has the foot %q, want %q, and the marking %q, want %q", about.address, about.form, foot.Get("foot"), want, foot.Get("marking"), marked)
			}
		}
	}
}

func footOf(t *testing.T, page string) url.Values {
	t.Helper()
	found := paperFoot.FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("no foot of paper:\n%s", page)
	}
	address, err := url.Parse(html.UnescapeString(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return address.Query()
}

func posted(t *testing.T, address string, form url.Values) string {
	t.Helper()
	response, err := http.PostForm(address, form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
