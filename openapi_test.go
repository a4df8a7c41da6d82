package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
)

// described is the OpenAPI document that a site serves, as a test reads it.
type described struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Name    string
			Schema  struct{ Type string }
			Example any
		}
		Responses map[string]any
	}
}

func openAPI(t *testing.T, site string) (validator.Validator, described) {
	t.Helper()
	_, text := fetch(t, site+"/api/v1/openapi.json", nil)
	document, err := libopenapi.NewDocument([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	check, errs := validator.NewValidator(document, config.WithFormatAssertions())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	t.Cleanup(check.Release)
	if ok, found := check.ValidateDocument(); !ok {
		for _, fault := range found {
			t.Errorf("the document is not OpenAPI 3.1: %s %s %v", fault.Message, fault.Reason, fault.SchemaValidationErrors)
		}
	}
	var d described
	if err := json.Unmarshal([]byte(text), &d); err != nil || !strings.Contains(text, `"openapi":"3.1.0"`) {
		t.Fatal(err)
	}
	return check, d
}

// held asks, and holds what is answered to the document. It returns the faults.
func held(t *testing.T, check validator.Validator, address string, headers map[string]string, host string) (status int, faults []string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, found := check.ValidateHttpResponse(request, response); len(found) > 0 {
		for _, fault := range found {
			faults = append(faults, fault.Message+" "+fault.Reason)
			for _, e := range fault.SchemaValidationErrors {
				faults = append(faults, e.Reason+" at "+e.FieldPath)
			}
		}
	}
	_, err = io.Copy(io.Discard, response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, faults
}

// TestAPIAnswersAsDescribed holds the served document to OpenAPI 3.1, every answer
// of every operation to the document, good and bad, for both audiences; and every
// parameter that is described to what is taken.
func TestAPIAnswersAsDescribed(t *testing.T) {
	t.Parallel()
	p := newPipeline(t)
	if err := p.etl.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	outside, _ := publishedSite(t, p, usualRules)
	docs := read(t, "docs/api.md")
	for site, named := range map[string]int{internalSite(t, p, usualRules): 421, outside: 200} { // by another name than this computer's
		check, document := openAPI(t, site)
		asked := map[string]bool{}
		ask := func(path, query string, headers map[string]string, host string, want int) {
			t.Helper()
			status, faults := held(t, check, site+path+query, headers, host)
			if status != want || len(faults) > 0 {
				t.Errorf("%s%.60s answers %d, want %d: %q", path, query, status, want, faults)
			}
		}
		for path, operations := range document.Paths {
			if len(operations) != 1 || operations["get"].Responses["200"] == nil {
				t.Errorf("%s: %v", path, operations)
			}
			if !strings.Contains(docs, "`"+path+"`") {
				t.Errorf("docs/api.md does not have %s", path)
			}
			ask(path, "", nil, "", 200)
			ask(path, "?nothing=1", nil, "", 400)
			ask(path, "", map[string]string{"Accept": "text/csv"}, "", 406)
			ask(path, "", map[string]string{"If-None-Match": "*"}, "", 304)
			ask(path, "", nil, "example.org", named)
			ask(path, "?a="+strings.Repeat("x", 25<<10), nil, "", 414)
			for _, parameter := range operations["get"].Parameters {
				asked[parameter.Name] = true
				if !strings.Contains(docs, "`"+parameter.Name) {
					t.Errorf("docs/api.md does not have the parameter %s", parameter.Name)
				}
				given := url.Values{}
				switch example := parameter.Example.(type) {
				case []any:
					given.Set(parameter.Name, example[0].(string))
				case string:
					given.Set(parameter.Name, example)
				case float64:
					given.Set(parameter.Name, "100")
				}
				if parameter.Name == "as_at" {
					given.Set("as_at", time.Now().UTC().Format(time.RFC3339Nano))
				}
				if path == "/api/v1/observations" && parameter.Name != "limit" {
					given.Set("limit", "20")
				}
				ask(path, "?"+given.Encode(), nil, "", 200)
			}
		}
		if len(document.Paths) < 8 || len(asked) < 11 {
			t.Errorf("%d paths, the parameters %v", len(document.Paths), asked)
		}
		ask("/api/v1/observations", "?limit=0", nil, "", 400)
		if site == outside {
			ask("/api/v1/observations", "?audience=internal", nil, "", 403)
		}
		next := strings.Split(getPage(t, site+"/api/v1/observations?limit=3").Next, "?")
		ask(next[0], "?"+next[1], nil, "", 200)
		gone := strings.Replace(next[1], "after="+next[1][6:20], "after="+next[1][6:19]+anotherLetter(next[1][19:20]), 1)
		ask(next[0], "?"+gone, nil, "", 410)
	}
}

// anotherLetter is a letter that another one is not.
func anotherLetter(letter string) string {
	if letter == "A" {
		return "B"
	}
	return "A"
}

// TestValidatorSees: the validator finds an answer that is not as described.
func TestValidatorSees(t *testing.T) {
	p := newPipeline(t)
	check, _ := openAPI(t, internalSite(t, p, usualRules))
	for body, good := range map[string]bool{
		`{"areas":[]}`:          true,
		`{"areas":[],"more":1}`: false,
		`{}`:                    false,
		`{"areas":[{"area_code":"E23000026","area_name":"Bedfordshire","kind":"territorial_force","region":1}]}`: false,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/api/v1/areas", nil)
		if err != nil {
			t.Fatal(err)
		}
		response := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body))}
		if ok, _ := check.ValidateHttpResponse(request, response); ok != good {
			t.Errorf("%s is found to be as described: %v", body, ok)
		}
	}
}
