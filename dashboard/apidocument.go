package dashboard

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// apiDocument answers with the API as an OpenAPI 3.1 document.
func (s *site) apiDocument(o Options) apiHandler {
	return func(w http.ResponseWriter, r *http.Request, _ url.Values) error {
		return sendJSON(w, r, s.document(s.operations(o)))
	}
}

// document describes operations, of which the routes are made too.
func (s *site) document(operations []operation) object {
	paths := object{}
	for _, op := range operations {
		paths[op.path] = object{"get": op.document(s.everyOperationErrors())}
	}
	return object{
		"openapi":           "3.1.0",
		"jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
		"info": object{"title": "stalkstats", "version": "1", "summary": "Figures on stalking by police force area, as JSON",
			"description": "The figures of the pages and of the CSV, for " + map[bool]string{true: "the force's own tools", false: "everybody"}[s.isInternal()] + ". A number or a date that is missing is null, and value_note says why: missing is never 0. " +
				"Figures of different sources, bases or kinds of period do not compare. Every answer has an ETag, and If-None-Match saves sending it again. " +
				"A new version of the API gets an address of its own; this one changes only by additions."},
		"servers":    []any{object{"url": "/"}},
		"security":   s.apiSecurity(),
		"paths":      paths,
		"components": object{"schemas": object{"Problem": schemaOf[problemDetails]()}, "responses": apiErrors(), "securitySchemes": s.apiSchemes()},
	}
}

func (op operation) document(errors []int) object {
	content := object{op.contentKind(): object{"schema": op.answer}}
	headers := object{"ETag": object{"description": "Names what the answer says; send it as If-None-Match to be told that it has not changed.", "schema": object{"type": "string"}}}
	if op.name == "observations" {
		headers["Link"] = object{"description": `The next page, as rel="next"; it is not there on the last.`, "schema": object{"type": "string"}}
	}
	responses := object{
		"200": object{"description": op.title, "headers": headers, "content": content},
		"304": object{"description": "The reader has the answer already."},
	}
	for _, status := range slices.Concat(errors, op.errors) {
		responses[strconv.Itoa(status)] = object{"$ref": "#/components/responses/" + strconv.Itoa(status)}
	}
	document := object{"operationId": op.name, "summary": op.title, "description": op.describe, "responses": responses}
	var parameters []any
	for _, p := range op.parameters {
		parameters = append(parameters, p.document())
	}
	if parameters != nil {
		document["parameters"] = parameters
	}
	return document
}

func (p apiParameter) document() object {
	schema := p.schema
	if p.several {
		schema = object{"type": "array", "items": p.schema}
	}
	document := object{"name": p.name, "in": "query", "required": false, "description": p.describe, "schema": schema}
	if p.several {
		document["style"], document["explode"] = "form", true
	}
	if p.example != nil {
		document["example"] = p.example
	}
	return document
}

// errorMeanings is what the errors mean.
var errorMeanings = map[int]string{
	http.StatusBadRequest:          "The address asks for something that cannot be.",
	http.StatusUnauthorized:        "Nobody has signed in, or the token is not known here or has ended.",
	http.StatusForbidden:           "The site has figures for the published audience alone, or the role that this takes is another.",
	http.StatusNotAcceptable:       "The request accepts no JSON.",
	http.StatusGone:                "The state of the figures that a page continues is not served any more: start again with the first page.",
	http.StatusRequestURITooLong:   "The address is too long.",
	http.StatusMisdirectedRequest:  "The request names another computer as its host.",
	http.StatusInternalServerError: "The answer could not be made. The program's log says why.",
	http.StatusServiceUnavailable:  "The figures cannot be read yet. Try again in a minute.",
}

func (s *site) everyOperationErrors() []int {
	errors := []int{http.StatusBadRequest, http.StatusNotAcceptable, http.StatusRequestURITooLong, http.StatusInternalServerError, http.StatusServiceUnavailable}
	if s.isInternal() {
		errors = append(errors, http.StatusMisdirectedRequest)
	}
	if s.signIn != nil {
		errors = append(errors, http.StatusUnauthorized, http.StatusForbidden)
	}
	return errors
}

func apiErrors() object {
	responses := object{}
	for status, meaning := range errorMeanings {
		responses[strconv.Itoa(status)] = object{"description": meaning,
			"content": object{"application/problem+json": object{"schema": object{"$ref": "#/components/schemas/Problem"}}}}
	}
	return responses
}

// apiSchemes is the ways in which a program names itself; none where nobody signs in.
func (s *site) apiSchemes() object {
	if s.signIn == nil || !s.signIn.Programs() {
		return object{}
	}
	return object{
		"token":        object{"type": "http", "scheme": "bearer", "description": "The token that `stalkstats program add` has printed."},
		"nameAndToken": object{"type": "http", "scheme": "basic", "description": "The name of the program as user name, its token as password."},
	}
}

// apiSecurity is that any one of these ways will do.
func (s *site) apiSecurity() []any {
	ways := []any{}
	for _, name := range slices.Sorted(maps.Keys(s.apiSchemes())) {
		ways = append(ways, object{name: []any{}})
	}
	return ways
}
