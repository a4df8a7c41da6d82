package dashboard

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"stalkstats/dashboard/signin"
	"stalkstats/internal/stats"
)

// TestWhichAddressesAreInDetail: those that ask for areas of the list and nothing else.
func TestWhichAddressesAreInDetail(t *testing.T) {
	s := signInSite(t, &bytes.Buffer{})
	s.routes(Options{Reader: noReader{}})
	for pattern := range detailedPages {
		if one, there := s.known[pattern]; !there || !one.public {
			t.Errorf("%q is no page of figures", pattern)
		}
	}
	own := []string{bedfordshire.Code, "E23000001"}
	for address, want := range map[string]bool{
		"/": true, "/forces/" + bedfordshire.Code: true, "/measures": true, "/measures/x?area=E23000001": true, "/orders": true, "/charts/x.svg": true,
		"/reports/observations.csv?area=E23000026&area=E23000001&area=": true, "/reports/observations.csv?area=E23000026&audience=internal": true,
		"/api/v1/observations?area=E23000001&limit=5": true, "/figure.csv?area=E23000026": true, "/recommendations/7": true,

		"/forces/" + cheshire.Code: false, "/forces/" + stats.EnglandAndWales: false, "/measures?area=" + cheshire.Code: false, "/measures?area=E23000026&area=" + cheshire.Code: false,
		"/reports/observations.csv": false, "/reports/observations.csv?area=": false, "/reports/observations.csv?area=E23000026&area=" + cheshire.Code: false, "/reports?area=forces&show=yes": false,
		"/reports/observations.csv?area=E23000026&audience=published": false, "/reports/observations.csv?area=E23000026&area=%zz": false, "/figure.csv": false,
		"/compare": false, "/compare?area=E23000026": false, "/charts/compare.svg?area=E23000026": false, "/about": false, "/changes": false, "/pack": false, "/data": false, "/nothing": false,
		"/reports/recommendations.csv?area=E23000026": false, "/recommendations/forces": false, "/api/v1/recommendations?area=E23000026": false, "/permalink/x": false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		_, pattern := s.pages.Handler(&http.Request{Method: http.MethodGet, URL: u, Host: "localhost"})
		if got := asksOnlyFor(own, pattern, u, bedfordshire.Code); got != want {
			t.Errorf("%s: %v", address, got)
		}
		if asksOnlyFor(nil, pattern, u, bedfordshire.Code) {
			t.Errorf("%s is in detail for a reader without areas", address)
		}
	}
}

// TestNamesOfAreas: codes and names, in capitals or not; what is not known, and a sum of
// forces, open nothing. A name with a comma is one name.
func TestNamesOfAreas(t *testing.T) {
	areas := stats.NewAreas(append(testAreas().All(), stats.Area{Code: "E23000034", Name: "City of London", Kind: stats.TerritorialForce, Aliases: []string{"London, City of"}},
		stats.Area{Code: "E23000001", Name: "Metropolitan Police", Kind: stats.TerritorialForce, Aliases: []string{"London"}}))
	for named, want := range map[string][]string{
		"BEDFORDSHIRE\nBTP\nE23000006\nE23000026\nEngland and Wales\nK04000001\nNowhere": {"BTP", cheshire.Code, bedfordshire.Code, "3 unknown"},
		"e23000026, btp":           {"BTP", bedfordshire.Code},
		"london, city of":          {"E23000034"},
		"London, Cheshire, City":   {"E23000001", cheshire.Code, "1 unknown"},
		"k04000001, Bedfordshir":   {"2 unknown"},
		"none":                     nil,
		"None\nNot a force, E2300": {"2 unknown"},
	} {
		got, unknown := areaCodes(signin.Person{Some: true, Areas: named}, areas)
		if unknown > 0 {
			got = append(got, strconv.Itoa(unknown)+" unknown")
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", named, got, want)
		}
	}
}

// TestAreasAtSignIn: the audit has what somebody could see at the time, also where the
// names come from a provider; the log is told of names that are no force, and not of them.
func TestAreasAtSignIn(t *testing.T) {
	for _, test := range []struct {
		person      signin.Person
		err         error
		about, told string
	}{
		{person: signin.Person{ID: "jo", Role: signin.Viewer}, about: "viewer"},
		{person: signin.Person{ID: "jo", Role: signin.Viewer, Some: true}, about: "viewer, in detail: none"},
		{person: signin.Person{ID: "jo", Role: signin.Viewer, Some: true, Areas: "none"}, about: "viewer, in detail: none"},
		{person: signin.Person{ID: "jo", Role: signin.Analyst, Some: true, Areas: "Cheshire\nbedfordshire"}, about: "analyst, in detail: E23000006 E23000026"},
		{person: signin.Person{ID: "jo", Role: signin.Viewer, Some: true, Areas: "bedfordshire\n12 Secret Road, Luton"}, about: "viewer, in detail: E23000026", told: "user=jo unknown=2 known=1"},
		{person: signin.Person{ID: "jo", Role: signin.Viewer, Some: true, Areas: "Cheshire"}, err: errNotLoaded, about: "viewer, in detail: not known", told: errNotLoaded.Error()},
	} {
		var log bytes.Buffer
		s, acts := newSite(t, &log), keptActs{}
		s.areas = areasOnly{err: test.err}
		s.signedIn(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/sign-in", nil), &acts, test.person, "/")
		if len(acts) != 1 || acts[0].About != test.about || acts[0].User != "jo" {
			t.Errorf("%+v: the audit has %+v, want %q", test.person, acts, test.about)
		}
		if warned := strings.Contains(log.String(), "level=WARN") || strings.Contains(log.String(), "level=ERROR"); warned != (test.told != "") || !strings.Contains(log.String(), test.told) || strings.Contains(log.String(), "Road") {
			t.Errorf("%+v: the log is told %s", test.person, &log)
		}
	}
}

// TestNoFiguresForSome: where there is no reader for those who may see some areas in
// detail, they see none.
func TestNoFiguresForSome(t *testing.T) {
	s := signInSite(t, &bytes.Buffer{})
	s.routes(Options{Reader: noReader{}})
	all := s.bySight(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	for person, want := range map[signin.Person]int{{ID: "jo", Role: signin.Admin, Some: true}: http.StatusForbidden, {ID: "jo", Role: signin.Viewer}: http.StatusTeapot} {
		w := httptest.NewRecorder()
		all.ServeHTTP(w, withPerson(httptest.NewRequest(http.MethodGet, "/", nil), person))
		if w.Code != want || want == http.StatusForbidden && !strings.Contains(w.Body.String(), "You may see some areas in detail alone") {
			t.Errorf("%+v: %d %s", person, w.Code, w.Body)
		}
	}
}
