package dashboard

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
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

// TestNamesOfAreas: codes and names; what is not known, and a sum of forces, open nothing.
func TestNamesOfAreas(t *testing.T) {
	p := signin.Person{Some: true, Areas: "BEDFORDSHIRE\nBTP\nE23000006\nE23000026\nEngland and Wales\nK04000001\nNowhere"}
	if got := areaCodes(p, testAreas()); !slices.Equal(got, []string{"BTP", cheshire.Code, bedfordshire.Code}) {
		t.Errorf("%v", got)
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
