package embedded

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// helloSQL is the driver's first statement on every connection. It reads the
// answer at the protocol revision it asked for, and every later one at the
// revision that the answer names. The engine writes revision 0 only, so this
// package answers the hello itself and names 0.
const helloSQL = "SELECT displayName(), version(), revision(), timezone()"

// hello answers helloSQL.
func (c *core) hello(req *http.Request, revision uint64) (*http.Response, error) {
	block := proto.NewBlock()
	columns := [...]struct{ name, kind string }{
		{"displayName()", "String"}, {"version()", "String"}, {"revision()", "UInt32"}, {"timezone()", "String"},
	}
	var err error
	for _, column := range columns {
		err = errors.Join(err, block.AddColumn(column.name, columnType(column.kind)))
	}
	err = errors.Join(err, block.Append("embedded", c.version, uint32(0), "UTC"))
	buffer := &chproto.Buffer{}
	if err = errors.Join(err, block.Encode(buffer, revision)); err != nil {
		return nil, fmt.Errorf("answer the driver's hello: %w", err)
	}
	return respond(req, http.StatusOK, io.NopCloser(bytes.NewReader(buffer.Buf)), int64(len(buffer.Buf))), nil
}

// respond makes a response. A length of -1 means a stream.
func respond(req *http.Request, status int, body io.ReadCloser, length int64) *http.Response {
	return &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/octet-stream"}},
		Body:   body, ContentLength: length, Request: req,
	}
}

// failure is the response from which the driver makes its typed exception.
func failure(req *http.Request, e engineError) *http.Response {
	resp := respond(req, http.StatusInternalServerError, io.NopCloser(bytes.NewReader([]byte(e))), int64(len(e)))
	resp.Header.Set("Content-Type", "text/plain; charset=UTF-8")
	if code := e.code(); code != "" {
		resp.Header.Set("X-ClickHouse-Exception-Code", code)
	}
	return resp
}

// newTag is the mark of one response by which the driver knows an exception's
// frame from data that looks like one.
func newTag() string { return rand.Text()[:16] }

// frame writes an exception into a stream that has begun, as a server does.
func frame(tag string, e engineError) []byte {
	const marker = "\r\n__exception__\r\n"
	return fmt.Appendf(nil, "%s%s\r\n%s\n%d %s%s", marker, tag, string(e), len(e), tag, marker)
}
