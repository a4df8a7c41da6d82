package dashboard

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

func (w works) uploads(t *testing.T) (parts uint64) {
	t.Helper()
	if err := w.db.QueryRow(t.Context(), "SELECT count() FROM uploads").Scan(&parts); err != nil {
		t.Fatal(err)
	}
	return parts
}

// TestRunningOverAnUploadWarns: the file in its folder may be older than the
// one that somebody has sent.
func TestRunningOverAnUploadWarns(t *testing.T) {
	const warns = "may be an older one and put its figures back"
	for from, want := range map[string]bool{"/srv/inbox/october.csv": false, "/srv/data/uploads/u1/october.csv": true, "/srv/inbox/october.xlsx": true} {
		w := newWorks(t)
		w.exec(t, "ALTER TABLE releases UPDATE fetched_from = '"+from+"' WHERE file = 'october.csv' SETTINGS mutations_sync = 1")
		if body := page(t, w.get("/data/sources/force_return/run")); strings.Contains(body, warns) != want {
			t.Errorf("released from %s, the page warns: %v, want %v: %q", from, !want, want, body)
		}
	}
}

// form is a multipart body of name and file, in that order.
func form(who, name string, content []byte, more ...string) (contentType string, body []byte) {
	var b bytes.Buffer
	out := multipart.NewWriter(&b)
	_ = out.WriteField("who", who)
	part, _ := out.CreateFormFile("file", name)
	_, _ = part.Write(content)
	for _, field := range more {
		_ = out.WriteField(field, "x")
	}
	_ = out.Close()
	return out.FormDataContentType(), b.Bytes()
}

func (w works) upload(source, who, name string, content []byte, more ...string) *httptest.ResponseRecorder {
	contentType, body := form(who, name, content, more...)
	return w.send(http.MethodPost, "/data/sources/"+source+"/upload", contentType, bytes.NewReader(body))
}

// What is sent arrives byte for byte, whatever the bytes are and wherever the
// borders of its parts fall.
func TestUpload(t *testing.T) {
	w := newWorks(t)
	for _, size := range []int{1, 1<<20 - 1, 1 << 20, 5<<20 + 123, 8 << 20, 17<<20 + 1} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			w.exec(t, "TRUNCATE TABLE requests")
			content := make([]byte, size)
			for i := range content {
				content[i] = byte(i * i >> 3)
			}
			got := w.upload("force_return", "Ann", `C:\folder\return "of" <October>.csv`, content)
			asked, n := w.wanted(t)
			if got.Code != http.StatusSeeOther || n != 1 {
				t.Fatalf("status %d, %d requests:\n%s", got.Code, n, got.Body)
			}
			want := stats.Request{ID: asked.ID, AskedAt: testNow, Kind: stats.RunRequest, Source: "force_return", Upload: asked.ID, File: `return "of" <October>.csv`, DryRun: true, Who: "Ann"}
			if diff := cmp.Diff(want, asked.Request); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if kept := w.kept(t, asked.Upload); !bytes.Equal(kept, content) {
				t.Errorf("%d bytes are kept and differ from the %d sent", len(kept), len(content))
			}
			if body := page(t, w.get("/data/requests/"+asked.ID)); !strings.Contains(body, `Check the file return "of" <October>.csv for the force’s monthly return`) {
				t.Errorf("page of the request = %q", body)
			}
		})
	}
}

// kept is an upload as the scheduler reads it.
func (w works) kept(t *testing.T, id string) (content []byte) {
	t.Helper()
	rows, err := w.db.Query(t.Context(), "SELECT part, bytes FROM uploads WHERE upload_id = '"+id+"' ORDER BY part")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for next := uint32(0); rows.Next(); next++ {
		var part uint32
		var text string
		if err := rows.Scan(&part, &text); err != nil {
			t.Fatal(err)
		}
		if part != next || len(text) > 1<<20 {
			t.Errorf("part %d with %d bytes, want part %d of at most 1 MiB", part, len(text), next)
		}
		content = append(content, text...)
	}
	return content
}

func TestRefusedUploads(t *testing.T) {
	w := newWorks(t)
	w.site.maxUpload = 2 << 20
	contentType, whole := form("Ann", "f.csv", bytes.Repeat([]byte("a,b\r\n"), 400000))
	send := func(source, contentType string, body []byte, headers ...string) func() *httptest.ResponseRecorder {
		return func() *httptest.ResponseRecorder {
			return w.send(http.MethodPost, "/data/sources/"+source+"/upload", contentType, bytes.NewReader(body), headers...)
		}
	}
	upload := func(source, who, name string, content []byte, more ...string) func() *httptest.ResponseRecorder {
		contentType, body := form(who, name, content, more...)
		return send(source, contentType, body)
	}
	tests := []struct {
		name   string
		send   func() *httptest.ResponseRecorder
		status int
		says   string
	}{
		{"records about people", upload("force_arrests", "Ann", "f.csv", []byte("name")), 403, "records about people are never sent through a page"},
		{"no such source", upload("none", "Ann", "f.csv", []byte("x")), 404, "There is no source “none”"},
		{"no name", upload("force_return", "", "f.csv", []byte("x")), 400, "Give your name"},
		{"no file", upload("force_return", "Ann", "", nil), 400, "No file was sent: choose one."},
		{"empty", upload("force_return", "Ann", "f.csv", nil), 400, "The file f.csv is empty."},
		{"name of a file", upload("force_return", "Ann", strings.Repeat("é", 201), []byte("x")), 400, "The name of the file is longer than 200 characters"},
		{"too large", upload("force_return", "Ann", "f.csv", make([]byte, 2<<20+1)), 413, "The file is larger than 2 MB"},
		{"far too large", upload("force_return", "Ann", "f.csv", make([]byte, 12<<20)), 413, "The file is larger than 2 MB"},
		{"two files", upload("force_return", "Ann", "f.csv", []byte("x"), "file"), 400, "more than one was sent"},
		{"cut", send("force_return", contentType, whole[:1500000]), 400, "The file did not arrive whole"},
		{"cut at its end", send("force_return", contentType, whole[:len(whole)-4]), 400, "The file did not arrive whole"},
		{"no multipart", send("force_return", "text/csv", []byte("x")), 400, "A file is sent with the form"},
		{"another site", send("force_return", contentType, whole, "Sec-Fetch-Site", "cross-site"), 403, "sent from a page of another site"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := test.send()
			if body := page(t, got); got.Code != test.status || !strings.Contains(body, test.says) {
				t.Errorf("status %d, page %q, want %d and %q", got.Code, body, test.status, test.says)
			}
			if _, n := w.wanted(t); n != 0 || w.uploads(t) != 0 {
				t.Errorf("%d requests and %d parts were kept", n, w.uploads(t))
			}
		})
	}
}
