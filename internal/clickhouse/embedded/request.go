package embedded

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// maxStatement is the most a statement may measure, in bytes. Rows of an
// insert are streamed and not counted.
const maxStatement = 64 << 20

// request is what a driver's HTTP request asks for.
type request struct {
	statement
	database string
	settings map[string]string // for this statement alone
	revision uint64            // protocol revision in which the hello is answered
	rows     io.Reader         // an insert's rows; nil for other statements
}

// protocolKeys are the URL's parameters that are no settings of the engine:
// they steer the HTTP interface of a server, which is not there, or are taken
// up elsewhere. log_comment is how a running statement is found again.
var protocolKeys = map[string]bool{
	"query": true, "database": true, "default_format": true,
	"query_id": true, "client_protocol_version": true, "quota_key": true,
	"user": true, "password": true, "role": true,
	"session_id": true, "session_timeout": true, "session_check": true,
	"wait_end_of_query": true, "buffer_size": true, "stacktrace": true,
	"enable_http_compression": true, "send_progress_in_http_headers": true,
	"add_http_cors_header": true, "network_compression_method": true,
	"network_zstd_compression_level": true, "log_comment": true,
}

var (
	settingName  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	insertFormat = regexp.MustCompile(`(?is)^(\s*INSERT\s.*?)\s+FORMAT\s+(\w+)\s*;?\s*$`)
)

// parseRequest reads a request. A statement comes in the body; an insert's
// comes in the URL, and its rows in the body.
func parseRequest(req *http.Request) (*request, error) {
	if req.Header.Get("Content-Encoding") != "" {
		return nil, refuse(48, "NOT_IMPLEMENTED", "The embedded engine takes no compressed requests")
	}
	if strings.HasPrefix(req.Header.Get("Content-Type"), "multipart/") {
		return nil, refuse(48, "NOT_IMPLEMENTED", "The embedded engine takes no external tables")
	}
	r := &request{settings: map[string]string{}}
	r.format, r.params = "Native", map[string]string{}
	values := req.URL.Query()
	if err := r.readURL(values); err != nil {
		return nil, err
	}
	if sql := values.Get("query"); sql != "" {
		return r, r.asInsert(sql, req.Body)
	}
	if req.Body == nil {
		return r, nil
	}
	sql, err := io.ReadAll(io.LimitReader(req.Body, maxStatement+1))
	if err != nil {
		return nil, fmt.Errorf("read the statement: %w", err)
	}
	if len(sql) > maxStatement {
		return nil, refuse(62, "SYNTAX_ERROR", "The statement is longer than %d bytes", maxStatement)
	}
	r.sql = string(sql)
	return r, nil
}

// readURL takes database, format, parameters and settings.
func (r *request) readURL(values url.Values) error {
	for key := range values {
		value := values.Get(key)
		name, isParam := strings.CutPrefix(key, "param_")
		switch {
		case isParam:
			r.params[name] = value
		case key == "compress" || key == "decompress":
			if value == "1" {
				return refuse(48, "NOT_IMPLEMENTED", "The embedded engine does not compress")
			}
		case protocolKeys[key] || strings.HasPrefix(key, "http_"):
		case !settingName.MatchString(key):
			return refuse(115, "UNKNOWN_SETTING", "Unknown setting %s", quoteText(key))
		default:
			r.settings[key] = value
		}
	}
	r.database = values.Get("database")
	if format := values.Get("default_format"); format != "" {
		r.format = format
	}
	// A driver that names no revision reads blocks without their preamble: 0.
	_, _ = fmt.Sscan(values.Get("client_protocol_version"), &r.revision)
	return nil
}

// asInsert takes the FORMAT clause off an insert: the engine's insert stream
// wants statement and format apart.
func (r *request) asInsert(sql string, rows io.Reader) error {
	match := insertFormat.FindStringSubmatch(sql)
	if match == nil {
		return refuse(62, "SYNTAX_ERROR", "Only INSERT … FORMAT … may come with rows")
	}
	if len(r.params) > 0 {
		return refuse(48, "NOT_IMPLEMENTED", "An INSERT with rows takes no parameters")
	}
	r.sql, r.format, r.rows = match[1], match[2], rows
	return nil
}
