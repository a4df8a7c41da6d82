package dashboard

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// apiRoot is where the figures are had as JSON. What is under it changes only by
// additions; anything else gets a root of its own.
const apiRoot = "/api/v1"

// An operation is one question that the API answers: the routes, the parameters
// that it takes and the OpenAPI document are all made of these.
type operation struct {
	path       string
	name       string // of the operation, and its operationId
	title      string
	describe   string
	parameters []apiParameter
	answer     object // the schema of what it answers
	kind       string // of the answer's content; empty: JSON
	figures    bool   // it answers with what is recorded as a download
	errors     []int  // beside those that any operation may answer with
	serve      apiHandler
}

// An apiHandler answers with the parameters that were given, all of them known.
type apiHandler func(w http.ResponseWriter, r *http.Request, given url.Values) error

// apiReader is what the API asks beside the figures.
type apiReader interface {
	downloadReader
	aboutReader
	coveredReader
}

// operations is everything that the API answers.
func (s *site) operations(o Options) []operation {
	return []operation{
		{path: apiRoot, name: "index", title: "What there is", answer: schemaOf[apiIndex](), serve: s.apiIndex(o),
			describe: "The addresses of the API, and the moment of the figures."},
		{path: apiRoot + "/openapi.json", name: "openapi", title: "This document", kind: "application/vnd.oai.openapi+json;version=3.1",
			answer: object{"type": "object"}, serve: s.apiDocument(o), describe: "The API as an OpenAPI 3.1 document."},
		{path: apiRoot + "/observations", name: "observations", title: "Figures", figures: true, parameters: observationParameters(), answer: observationPageSchema(),
			errors: []int{http.StatusForbidden, http.StatusGone}, serve: s.apiObservations(o.readers()),
			describe: "The figures of /reports/observations.csv, in pages, in the order of measure, area, source, basis, period and breakdown. " +
				"All pages are of the state in which the first was read, whatever is published meanwhile."},
		{path: apiRoot + "/measures", name: "measures", title: "Measures", answer: listSchema[apiMeasure]("measures"), serve: s.apiMeasures(o.Reader),
			describe: "What is counted, and the rates worked out of it: one for each basis."},
		{path: apiRoot + "/areas", name: "areas", title: "Areas", answer: listSchema[apiArea]("areas"), serve: s.apiAreas(o.Reader),
			describe: "Police force areas, and England and Wales, with their ONS codes."},
		{path: apiRoot + "/sources", name: "sources", title: "Sources", answer: listSchema[apiSource]("sources"), serve: s.apiSources(o.Reader),
			describe: "Where figures come from: the newest file of each source, and whether it is up to date."},
		{path: apiRoot + "/recommendations", name: "recommendations", title: "Recommendations", figures: true, parameters: statementParameters(),
			answer: statementsSchema(), serve: s.apiRecommendations(o.Reader),
			describe: "The 29 recommendations and the asks without a number, with what forces say of them: the rows of /reports/recommendations.csv."},
		{path: apiRoot + "/breaks", name: "breaks", title: "Series breaks", answer: listSchema[apiBreak]("breaks"), serve: s.apiBreaks(o.Reader),
			describe: "The dates at which series change meaning, oldest first: figures of their two sides do not compare."},
	}
}

func (s *site) apiRoutes(public registrar, o Options) {
	for _, op := range s.operations(o) {
		if op.figures {
			public.figures("GET "+op.path, op.name+" (JSON)", op.handle)
		} else {
			public.page("GET "+op.path, op.handle)
		}
	}
}

// isAPI reports whether a request is for the API, where errors are JSON too.
func isAPI(r *http.Request) bool {
	return r.URL.Path == "/api" || strings.HasPrefix(r.URL.Path, "/api/")
}

func (op operation) handle(w http.ResponseWriter, r *http.Request) error {
	if !accepts(r.Header.Values("Accept"), op.contentKind()) {
		return problem{status: http.StatusNotAcceptable, sentence: "Here are answers in JSON only, and the request accepts none. The same figures as CSV are at /reports/observations.csv."}
	}
	given, err := op.given(r.URL.RawQuery)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", op.contentKind())
	return op.serve(w, r, given)
}

func (op operation) contentKind() string {
	if op.kind != "" {
		return op.kind
	}
	return "application/json"
}

// given reads the parameters. What the operation has not is refused: a filter that
// does nothing gives an answer that is not what it says.
func (op operation) given(query string) (url.Values, error) {
	given, err := reportValues(query)
	if err != nil {
		return nil, err
	}
	for name, values := range given {
		i := slices.IndexFunc(op.parameters, func(p apiParameter) bool { return p.name == name })
		if i < 0 {
			return nil, badRequest("There is no parameter %q here%s.", echoed(name), op.parameterNames())
		}
		if len(values) > 1 && !op.parameters[i].several {
			return nil, badRequest("%s is given %d times, and can be one thing only.", name, len(values))
		}
		if slices.ContainsFunc(values, isBlank) {
			return nil, badRequest("%s.", emptyFilter(name))
		}
	}
	return given, nil
}

func (op operation) parameterNames() string {
	if len(op.parameters) == 0 {
		return ""
	}
	var names []string
	for _, p := range op.parameters {
		names = append(names, p.name)
	}
	return ": there are " + strings.Join(names, ", ")
}

// accepts reports whether a request takes a kind of content, by its Accept headers.
func accepts(headers []string, kind string) bool {
	if len(headers) == 0 {
		return true
	}
	kind, _, _ = strings.Cut(kind, ";")
	best, specific := false, -1
	for one := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		pattern, parameters, err := mime.ParseMediaType(one)
		if err != nil {
			continue
		}
		rank := slices.Index([]string{"*/*", "application/*", "application/json", kind}, pattern)
		if rank > specific {
			weight, err := strconv.ParseFloat(parameters["q"], 64)
			best, specific = err != nil || weight > 0, rank
		}
	}
	return best
}

// problemDetails is an error as RFC 9457 has it.
type problemDetails struct {
	Type    string `json:"type" doc:"always about:blank: the status says what kind of error it is"`
	Title   string `json:"title" doc:"the status in words"`
	Status  int    `json:"status" doc:"the HTTP status"`
	Detail  string `json:"detail" doc:"what is wrong and what to do, in a sentence"`
	Request string `json:"request" doc:"by which the log of the program can be searched"`
}

// writeProblem answers a request for the API with an error.
func writeProblem(w http.ResponseWriter, r *http.Request, p problem) {
	if p.status == http.StatusInternalServerError {
		p.sentence = "The answer could not be made, and the fault is ours. It has been written to the log."
	}
	text, err := plainJSON(problemDetails{"about:blank", http.StatusText(p.status), p.status, p.sentence, RequestID(r.Context())})
	if err != nil {
		panic(err) // five plain values can always be written
	}
	h := w.Header()
	h.Del("ETag")
	h.Set("Content-Type", "application/problem+json")
	if p.status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "60")
	}
	w.WriteHeader(p.status)
	w.Write(text) // who has gone need not be told
}

// sendJSON answers with a value that is small, unless the reader has it already.
func sendJSON(w http.ResponseWriter, r *http.Request, value any) error {
	text, err := plainJSON(value)
	if err != nil {
		return fmt.Errorf("write %s: %w", r.URL.Path, err)
	}
	return sendText(w, r, text)
}

// plainJSON is a value as JSON, in which an address stands as it is followed.
func plainJSON(value any) ([]byte, error) {
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false)
	err := out.Encode(value)
	return text.Bytes(), err
}

func sendText(w http.ResponseWriter, r *http.Request, text []byte) error {
	hash := sha256.Sum256(text)
	if unchanged(w, r, `W/"`+hex.EncodeToString(hash[:16])+`"`) {
		return nil
	}
	if _, err := w.Write(text); err != nil {
		panic(http.ErrAbortHandler) // nobody is there to be told, or must see that it is not whole
	}
	return nil
}
