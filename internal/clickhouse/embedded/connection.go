package embedded

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// connection is one of the engine's connections. It runs one statement at a
// time and is not safe for concurrent use.
type connection struct {
	lib     *library
	dir     string
	name    string // its log_comment, by which KILL QUERY finds it
	checked *checkedParts

	handle   *handle // nil when closed
	database string  // current database; empty: the engine's default
	changed  bool    // a statement may have left settings behind, or hold on to its tables
}

func newConnection(lib *library, dir, name string, checked *checkedParts) *connection {
	return &connection{lib: lib, dir: dir, name: name, checked: checked}
}

// open connects, if the connection is not open.
func (c *connection) open() error {
	if c.handle != nil {
		return nil
	}
	c.handle = c.lib.open(append(serverFlags(c.dir), sessionFlags(c.name)...))
	if c.handle == nil {
		return errors.New("the ClickHouse engine refused a connection")
	}
	c.database, c.changed = "", false
	openConnections.Add(1)
	return nil
}

// close ends the connection; open may be called again.
func (c *connection) close() {
	if c.handle == nil {
		return
	}
	c.lib.closeConn(c.handle)
	c.handle = nil
	openConnections.Add(-1)
}

// text runs a small statement and returns its answer as tab-separated text.
func (c *connection) text(sql string) (string, error) {
	result := statement{sql: sql, format: "TSV"}.call(c.lib.query, *c.handle)
	defer c.lib.destroy(result)
	if message := text(c.lib.resultError(result)); message != "" {
		return "", engineError(message)
	}
	return string(c.lib.data(result)), nil
}

// prepare makes the request's database and settings those of the connection.
func (c *connection) prepare(r *request) error {
	if r.database != "" && r.database != c.database {
		if _, err := c.text("USE " + quoteName(r.database)); err != nil {
			return err
		}
		c.database = r.database
	}
	if len(r.settings) == 0 {
		return nil
	}
	c.changed = true
	_, err := c.text(setStatement(r.settings))
	return err
}

// setStatement writes settings as one SET.
func setStatement(settings map[string]string) string {
	parts := make([]string, 0, len(settings))
	for name, value := range settings {
		parts = append(parts, name+" = "+quoteText(value))
	}
	slices.Sort(parts)
	return "SET " + strings.Join(parts, ", ")
}

// classify asks the engine's parser what a statement is.
func (c *connection) classify(sql string) (analysis, error) {
	out := &analysis{size: 16}
	b := append([]byte(sql), 0)
	if state := c.lib.classify(*c.handle, &b[0], uintptr(len(sql)), nil, 0, out); state != 0 {
		return analysis{}, errors.New("the ClickHouse engine could not analyse the statement")
	}
	return *out, nil
}

// quoteName and quoteText write an identifier and a string in ClickHouse's SQL.
func quoteName(s string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(s) + "`"
}

func quoteText(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// engineError is an exception's text as the engine words it.
type engineError string

func (e engineError) Error() string { return string(e) }

var exceptionCode = regexp.MustCompile(`Code: (\d+)\.`)

// code is the exception's number in ClickHouse's list, or empty.
func (e engineError) code() string {
	match := exceptionCode.FindStringSubmatch(string(e))
	if match == nil {
		return ""
	}
	return match[1]
}

// refuse words an error of ours as the engine would.
func refuse(code int, name, format string, args ...any) engineError {
	return engineError(fmt.Sprintf("Code: %d. DB::Exception: %s. (%s)", code, fmt.Sprintf(format, args...), name))
}
