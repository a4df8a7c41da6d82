package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"stalkstats/dashboard"
	"stalkstats/dashboard/published"
	"stalkstats/dashboard/query"
	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// detailDirectory is a provider's people, who have the role and areas of the moment.
type detailDirectory struct {
	*storage.Storage
	claims *atomic.Pointer[map[string]any]
}

// SetUserinfoFromToken adds to what the provider says of a person.
func (d detailDirectory) SetUserinfoFromToken(ctx context.Context, about *oidc.UserInfo, tokenID, subject, origin string) error {
	if err := d.Storage.SetUserinfoFromToken(ctx, about, tokenID, subject, origin); err != nil {
		return err
	}
	for name, value := range *d.claims.Load() {
		about.AppendClaims(name, value)
	}
	return nil
}

// detailSite serves the force's pages to people who sign in at a provider, which names
// their areas.
type detailSite struct {
	t       *testing.T
	address string
	claims  atomic.Pointer[map[string]any]
	outside *published.Reader
}

func newDetailSite(t *testing.T, p pipeline) *detailSite {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	server, provider := httptest.NewUnstartedServer(nil), httptest.NewUnstartedServer(nil)
	s := &detailSite{t: t, address: "http://" + server.Listener.Addr().String()}
	s.outside = published.NewReader(p.reader, published.NewKeeper(p.reader, telltale, time.Now, log))
	issuer := "http://" + provider.Listener.Addr().String() + "/"
	clients := map[string]*storage.Client{"stalkstats": storage.WebClient("stalkstats", "a secret of tests", s.address+signin.CallbackPath)}
	provider.Config.Handler = exampleop.SetupServer(issuer, detailDirectory{storage.NewStorageWithClients(storage.NewUserStore(issuer), clients), &s.claims}, log, false)
	provider.Start()
	t.Cleanup(provider.Close)
	base, err := url.Parse(s.address)
	if err != nil {
		t.Fatal(err)
	}
	door, err := signin.New(signin.Options{BaseURL: base, Idle: time.Hour, Longest: time.Hour, Now: time.Now, Log: log, OIDC: signin.OIDC{
		Issuer: issuer, Name: "the test provider", ClientID: "stalkstats", Secret: "a secret of tests", Scopes: []string{"profile"}, UserClaim: "preferred_username", GroupsClaim: "groups",
		AreasClaim: "areas", Roles: map[string]signin.Role{"analyst": signin.Analyst, "admin": signin.Admin}}})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler, err = dashboard.New(dashboard.Options{Reader: p.reader, Published: s.outside, Detail: s.outside.ForSome(), Rules: telltale, Home: p.cfg.Force, Actions: true,
		Version: "test", Logger: log, Ready: func(context.Context) error { return nil }, Now: time.Now, SignIn: door})
	if err != nil {
		t.Fatal(err)
	}
	server.Start()
	t.Cleanup(server.Close)
	return s
}

// as signs somebody in, and is an address at which every request is theirs.
func (s *detailSite) as(role string, areas any) string {
	s.t.Helper()
	claims := map[string]any{"groups": []string{role}}
	if areas != nil {
		claims["areas"] = areas
	}
	s.claims.Store(&claims)
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	browser := http.Client{Jar: jar}
	answer, err := browser.Get(s.address + "/sign-in/provider?to=/about")
	if err != nil {
		s.t.Fatal(err)
	}
	answer.Body.Close()
	answer, err = browser.PostForm(answer.Request.URL.String(), url.Values{"id": {answer.Request.URL.Query().Get("authRequestID")}, "username": {"test-user2"}, "password": {"verysecure"}})
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || answer.Request.URL.Path != "/about" {
		s.t.Fatalf("%s at %s, error %v: %s", answer.Status, answer.Request.URL, err, body)
	}
	to, err := url.Parse(s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	front := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		for _, c := range jar.Cookies(to) {
			r.Out.AddCookie(c)
		}
	}})
	s.t.Cleanup(front.Close)
	return front.URL
}

const (
	ownForce   = "E23000026" // which the person may see in detail
	otherForce = "E23000006"
)

// othersSecrets is every true number of the other force and of the sums of both, and every
// number of these sums as published: with the own force's true ones they would tell the
// other's. What is a number of the own force too is none.
func othersSecrets(t *testing.T, p pipeline, s *detailSite) map[string]string {
	t.Helper()
	secrets := p.secrets(t, s.outside.ForSome())
	own := map[string]bool{}
	for _, kind := range []string{"", "quarter", "financial_year", "calendar_year", "rolling_12_months"} {
		values := url.Values{"area": {ownForce}}
		if kind != "" {
			values.Set("period", kind)
		}
		var text strings.Builder
		if _, err := dashboard.WriteObservations(t.Context(), &text, dashboard.Readers{Internal: p.reader}, values); err != nil {
			t.Fatal(err)
		}
		for _, number := range numbers(text.String()) {
			own[number] = true
		}
	}
	told := map[float64]bool{}
	detailed, err := s.outside.ForSome().AllFigures(t.Context(), query.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range detailed {
		if f.Area == stats.EnglandAndWales {
			continue
		}
		told[f.Value.Number], told[f.Numerator.Number], told[f.Denominator.Number] = true, true, true
	}
	sums, err := s.outside.AllFigures(t.Context(), query.Filter{Areas: []string{stats.EnglandAndWales}, Sources: []string{"force_return"}})
	if err != nil {
		t.Fatal(err)
	}
	published := 0
	for _, f := range sums {
		if text := strconv.FormatFloat(f.Value.Number, 'f', -1, 64); f.Value.Known && len(text) > 5 && !told[f.Value.Number] {
			secrets[text] = "as published: " + f.Measure + " of " + f.Area + " " + f.Period.Label()
			published++
		}
	}
	for text := range secrets {
		if own[text] {
			delete(secrets, text)
		}
	}
	if published == 0 || len(secrets) < 200 {
		t.Fatalf("only %d numbers are looked for, %d of them of sums as published", len(secrets), published)
	}
	return secrets
}

// telltalesOfMany is telltales, and a month of orders of so many forces that there is a sum
// of them for England and Wales.
func telltalesOfMany(t *testing.T, p pipeline) string {
	t.Helper()
	areas, err := p.reader.Areas(t.Context(), query.Latest)
	if err != nil {
		t.Fatal(err)
	}
	path := telltales(t)
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, force := range areas.Forces()[:30] {
		fmt.Fprintf(file, "%s,2024-02,spo_applied,,,%d,,demonstration\n", force.Code, tell(1000+i))
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// column is a column of a CSV.
func column(t *testing.T, text, name string) (values []string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%d rows, error %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		values = append(values, row[slices.Index(rows[0], name)])
	}
	return values
}

// TestAreasInDetail: somebody whose sign-in names one force sees that in full, and of the
// other what the public sees, on every page and in every file; and no sum of the two.
func TestAreasInDetail(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	for _, source := range []string{"areas", "measures", "series_breaks", "recommendation_register", "recommendation_progress"} {
		p.run(t, source, "")
	}
	if run := p.run(t, "force_return", telltalesOfMany(t, p)); run.Outcome != stats.Published {
		t.Fatalf("run %+v", run)
	}
	s := newDetailSite(t, p)
	secrets := othersSecrets(t, p, s)
	look := func(path, body string) { checkTold(t, secrets, path, body) }
	everybody := s.as("admin", []string{"all"})
	some := s.as("analyst", []string{"bedfordshire", "Nowhere"})
	none := s.as("analyst", nil)
	report := func(readers dashboard.Readers, area string) string {
		var text strings.Builder
		if _, err := dashboard.WriteObservations(t.Context(), &text, readers, url.Values{"area": {area}}); err != nil {
			t.Fatal(err)
		}
		return text.String()
	}
	own, other := report(dashboard.Readers{Internal: p.reader}, ownForce), report(dashboard.Readers{Published: s.outside}, otherForce)
	ownPublished, otherTrue := report(dashboard.Readers{Published: s.outside}, ownForce), report(dashboard.Readers{Internal: p.reader}, otherForce)
	if own == ownPublished || other == otherTrue {
		t.Fatal("the published figures are the true ones")
	}

	// Who may see all comes first, so that what is kept for them would be found by the others.
	visitedByAll := []string{"/", "/forces/" + otherForce, "/measures/stalking_charges?area=" + otherForce, "/charts/stalking_charges.svg?area=" + otherForce, "/compare?measure=charge_rate"}
	for _, path := range visitedByAll {
		if _, _, body := get(t, everybody+path); strings.Contains(body, "as the public has them") {
			t.Errorf("%s says to whom may see all that it is as published", path)
		}
	}
	if _, _, body := get(t, everybody+"/reports/observations.csv?area="+otherForce); body != otherTrue {
		t.Error("who may see all areas has not the true figures of one")
	}

	t.Run("the own force in full", func(t *testing.T) {
		_, _, body := get(t, some+"/reports/observations.csv?area="+ownForce)
		for _, name := range []string{"measure", "period", "value", "value_note", "numerator", "lower_95", "note"} {
			if !slices.Equal(column(t, body, name), column(t, own, name)) {
				t.Errorf("the column %s is not the true one", name)
			}
		}
		row := slices.Index(column(t, own, "measure"), "stalking_charges")
		number := column(t, own, "value")[row]
		n, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		inWords := strconv.Itoa(n/1000) + "," + strconv.Itoa(1000 + n%1000)[1:]
		period := column(t, own, "period_start")[row][:7]
		for path, want := range map[string]string{
			"/": "You see Bedfordshire in detail.", "/forces/" + ownForce: "You see Bedfordshire in detail.", "/account": "Bedfordshire",
			"/api/v1/observations?area=" + ownForce: `"value":` + number, "/measures/stalking_charges": inWords,
			"/figure?area=" + ownForce + "&source=force_return&measure=stalking_charges&period=" + period: inWords,
			"/charts/stalking_charges.svg": "true figures of the area, of others as published",
		} {
			if status, _, body := get(t, some+path); status != http.StatusOK || !strings.Contains(body, want) {
				t.Errorf("%s answers %d without %q", path, status, want)
			}
		}
	})

	t.Run("the other as published", func(t *testing.T) {
		for _, filters := range []string{"area=" + otherForce, "area=" + otherForce + "&audience=published"} {
			if _, _, body := get(t, some+"/reports/observations.csv?"+filters); body != other {
				t.Errorf("%s: the report is not the published one", filters)
			}
		}
		if _, _, body := get(t, some+"/reports/observations.csv?area="+ownForce+"&audience=published"); body != ownPublished {
			t.Error("the published report of the own force is not that")
		}
		for _, path := range []string{"/forces/" + otherForce, "/compare?measure=charge_rate", "/measures/stalking_charges?area=" + otherForce} {
			if _, _, body := get(t, some+path); !strings.Contains(body, "These figures are as the public has them: ") || !strings.Contains(body, "Published: numbers under") {
				t.Errorf("%s does not say that it is as published", path)
			}
		}
		for _, path := range []string{"/reports/observations.csv?audience=internal", "/reports/observations.csv?audience=internal&area=" + otherForce, "/api/v1/observations?audience=internal&area=" + ownForce + "&area=" + otherForce} {
			if status, _, _ := get(t, some+path); status != http.StatusForbidden {
				t.Errorf("%s answers %d", path, status)
			}
		}
		if _, _, body := get(t, some+"/reports?show=yes&area="+stats.EnglandAndWales); !strings.Contains(body, "every sum of forces that is not of the Home Office") {
			t.Error("a report of a sum of forces does not say why it is hidden")
		}
		visited := crawl(t, some, look, "/forces/"+otherForce, "/measures/stalking_charges?area="+otherForce, "/reports/observations.csv?area="+otherForce+"&area="+ownForce,
			"/api/v1/observations?area="+stats.EnglandAndWales, "/reports/observations.zip?area="+ownForce, "/reports/observations.xlsx?area="+ownForce, "/reports?show=yes&area="+ownForce,
			"/measures/spo_applied?area="+stats.EnglandAndWales, "/forces/"+stats.EnglandAndWales)
		if len(visited) < 200 {
			t.Errorf("only %d pages were opened", len(visited))
		}
		t.Logf("%d pages, %d numbers", len(visited), len(secrets))
	})

	t.Run("without the claim", func(t *testing.T) {
		if _, _, body := get(t, none+"/"); !strings.Contains(body, "Your sign-in names no area that you may see in detail, so all figures here are as the public has them") {
			t.Error("the overview does not say so")
		}
		if _, _, body := get(t, none+"/reports/observations.csv?area="+ownForce); body != ownPublished {
			t.Error("the report is not the published one")
		}
	})

	t.Run("what the browser holds of somebody else", func(t *testing.T) {
		opened := func(reader, path, tag string) (status int, newTag string) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, reader+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("If-None-Match", tag)
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			return answer.StatusCode, answer.Header.Get("ETag")
		}
		for _, path := range []string{"/reports/observations.csv?area=" + ownForce, "/api/v1/observations?area=" + ownForce, "/forces/" + ownForce, "/forces/" + otherForce, "/reports/observations.csv?area=" + otherForce} {
			readers := []string{everybody, some, none}
			for _, former := range readers {
				_, tag := opened(former, path, "")
				for _, reader := range readers {
					if status, _ := opened(reader, path, tag); tag == "" || (status == http.StatusNotModified) != (reader == former) {
						t.Errorf("%s answers %d to one reader who sends the tag %s of another", path, status, tag)
					}
				}
			}
		}
	})

	t.Run("no other page", func(t *testing.T) {
		owner := s.as("admin", ownForce)
		link := permanentLink(t, everybody, "area="+stats.EnglandAndWales+"&measure=spo_granted&audience=published")
		if status, _, _ := get(t, everybody+link); status != http.StatusOK {
			t.Errorf("who may see all gets %d for a permanent link", status)
		}
		for _, path := range []string{"/data", "/data/revisions", "/data/revisions.csv", "/data/sources/force_return", "/changes", "/changes?area=" + ownForce, "/pack", "/pack.eml", "/metrics", "/audit",
			"/reports/permalinks", "/reports/saved", "/recommendations/plan", "/measures/stalking_charges/annotate", link} {
			status, _, body := get(t, owner+path)
			if status != http.StatusNotFound {
				t.Errorf("%s answers %d", path, status)
			}
			look(path, body)
		}
		if _, _, body := get(t, everybody+"/data/downloads.csv"); !strings.Contains(body, "test-user2") || !strings.Contains(body, "area="+otherForce) || !strings.Contains(body, "published") {
			t.Error("downloads of those who may see some areas are not recorded")
		}
	})
}
