package dashboard

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

const chargesLink = "/reports/permalink?area=E23000026&measure=stalking_charges"

func signedBy(who, why string) url.Values { return url.Values{"who": {who}, "why": {why}} }

// linked makes a permanent link and gives its address.
func (w works) linked(t *testing.T, address string, form url.Values) string {
	t.Helper()
	got := w.post(address, form)
	to, ok := strings.CutSuffix(got.Header().Get("Location"), "/about")
	if got.Code != http.StatusSeeOther || !ok || !strings.HasPrefix(to, "/permalink/") {
		t.Fatalf("%d to %q: %s", got.Code, got.Header().Get("Location"), got.Body)
	}
	return to
}

func TestMakingAPermanentLink(t *testing.T) {
	w := newForce(t)
	form := page(t, w.get(chargesLink+"&measure=stalking_charges"))
	for _, want := range []string{"Keep this report under a permanent link?", "gives the same bytes for ever", "at most 50 MB", "Measures: Stalking charges Areas: Bedfordshire Periods: as published Sources: all", "The figures are true ones, for the force alone", "Freedom of Information"} {
		if !strings.Contains(form, want) {
			t.Errorf("form = %q, want %q", form, want)
		}
	}
	csv := w.get("/reports/observations.csv?area=E23000026&measure=stalking_charges").Body.Bytes()
	address := w.linked(t, chargesLink, signedBy("Ann Example", "FOI 2024/17"))
	got := w.get(address)
	if got.Code != 200 || !bytes.Equal(got.Body.Bytes(), csv) {
		t.Errorf("%d:\n%s\nwant\n%s", got.Code, got.Body, csv)
	}
	id := strings.TrimPrefix(address, "/permalink/")
	hash := sha256Of(csv)
	want := map[string]string{
		"Content-Type": "text/csv; charset=utf-8; header=present", "Content-Disposition": `attachment; filename="stalkstats-` + id + `.csv"`, "Content-Length": fmt.Sprint(len(csv)),
		"ETag": `"` + hash + `"`, "Cache-Control": "private, max-age=3600, immutable", "Link": "<" + address + `/metadata.json>; rel="describedby"; type="application/csvm+json"`,
	}
	headers := func(got *httptest.ResponseRecorder) map[string]string {
		all := map[string]string{}
		for name := range want {
			all[name] = got.Header().Get(name)
		}
		return all
	}
	if diff := cmp.Diff(want, headers(got)); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	head := w.send(http.MethodHead, address, "", nil)
	if diff := cmp.Diff(want, headers(head)); head.Code != 200 || head.Body.Len() > 0 || diff != "" {
		t.Errorf("HEAD = %d with %d bytes (-want +got):\n%s", head.Code, head.Body.Len(), diff)
	}
	about := page(t, w.get(address+"/about"))
	for _, want := range []string{"The report that was kept on 14 October 2024: 5 rows, figures as at 8 October 2024", "http://localhost:8080" + address,
		"8 October 2024, 07:00 BST (2024-10-08T06:00:01.000000Z)", "internal: true figures", "Measures: Stalking charges", "SHA-256 " + hash, "Why it was kept FOI 2024/17", "Made by Ann Example",
		"area=E23000026&measure=stalking_charges", "october.csv", newRelease, "s2", "Withdraw this link"} {
		if !strings.Contains(about, want) {
			t.Errorf("page = %q, want %q", about, want)
		}
	}
	if strings.Contains(about, "september.csv") {
		t.Errorf("the page tells a file that no figure is of: %q", about)
	}
	list := page(t, w.get("/reports/permalinks"))
	for _, want := range []string{"1 report is kept under a permanent link", id, "14 Oct 2024, 10:30 BST", "Ann Example", "FOI 2024/17", "Measures: Stalking charges"} {
		if !strings.Contains(list, want) {
			t.Errorf("list = %q, want %q", list, want)
		}
	}
	all := w.downloaded(t)
	i := slices.IndexFunc(all, func(d stats.Download) bool { return d.Report == "permanent link" })
	if d := all[max(i, 0)]; len(all) != 2 || d.Report != "permanent link" || d.Filters != "id="+id || d.Rows != 5 || d.SHA256 != hash || !d.Complete {
		t.Errorf("recorded is %+v", d)
	}
}

func TestNotModified(t *testing.T) {
	w := newForce(t)
	address := w.linked(t, chargesLink, signedBy("Ann", "x"))
	tag := w.get(address).Header().Get("ETag")
	for given, want := range map[string]int{tag: 304, "W/" + tag: 304, `"a", ` + tag: 304, "*": 304, `"a"`: 200, "": 200, tag[1:]: 200} {
		got := w.send(http.MethodGet, address, "", nil, "If-None-Match", given)
		if got.Code != want || (want == 304) != (got.Body.Len() == 0) || got.Header().Get("ETag") != tag {
			t.Errorf("%s: %d with %d bytes", given, got.Code, got.Body.Len())
		}
	}
}

// TestTheBytesStay, whatever is loaded, revised, renamed or lost.
func TestTheBytesStay(t *testing.T) {
	w := newForce(t)
	address := w.linked(t, chargesLink, signedBy("Ann Example", "FOI 2024/17"))
	read := func() string {
		t.Helper()
		var all strings.Builder
		for _, path := range []string{address, address + "/metadata.json"} {
			got := w.get(path)
			if got.Code != 200 {
				t.Fatalf("%s answers %d: %s", path, got.Code, got.Body)
			}
			all.Write(got.Body.Bytes())
		}
		return all.String() + page(t, w.get(address+"/about"))
	}
	former := read()
	fresh := func() string {
		return w.get("/reports/observations.csv?area=E23000026&measure=stalking_charges").Body.String()
	}
	before := fresh()
	for _, change := range [][]string{
		{"a revision", "INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('force_return','2023','" + oldRelease + "','2024-10-09 06:00:01','w')"},
		{"a measure and an area of another name",
			`INSERT INTO measures (release_id, source, slice, measure, measure_name, source_row) VALUES ('r9','measures','all','stalking_charges','Persons charged',2)`,
			`INSERT INTO areas (release_id, source, slice, area_code, area_name, kind, source_row) VALUES ('r9','areas','all','E23000026','Beds','territorial_force',2)`,
			`INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('measures','all','r9','2024-10-10','r9'), ('areas','all','r9','2024-10-10','r9')`},
		{"figures that are gone", "TRUNCATE TABLE releases", "TRUNCATE TABLE observations", "INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('x','all','','2024-10-11','x')"},
	} {
		for _, sql := range change[1:] {
			w.exec(t, sql)
		}
		if now := read(); now != former {
			t.Errorf("%s: the link gives\n%s\nand gave\n%s", change[0], now, former)
		}
		after := fresh()
		if after == before {
			t.Errorf("%s changes nothing", change[0])
		}
		before = after
	}
}

func TestMetadataOfAPermanentLink(t *testing.T) {
	w := newForce(t)
	address := w.linked(t, chargesLink+"&period=quarter", signedBy("Ann Example", "FOI 2024/17"))
	got := w.get(address + "/metadata.json")
	type note struct {
		Releases  []map[string]string
		Permanent struct {
			ID, AsAt, Audience, SHA256 string
			InWords                    []string `json:"filters_in_words"`
		} `json:"permanent_link"`
	}
	var document struct {
		URL   string
		Notes []note
	}
	if err := json.Unmarshal(got.Body.Bytes(), &document); err != nil || got.Header().Get("Content-Type") != "application/csvm+json" {
		t.Fatal(got.Code, err, got.Header())
	}
	to, err := url.Parse("http://localhost" + address + "/metadata.json")
	if err != nil {
		t.Fatal(err)
	}
	if to, err = to.Parse(document.URL); err != nil || to.Path != address {
		t.Errorf("url %q leads to %s, %v", document.URL, to, err)
	}
	permanent := document.Notes[slices.IndexFunc(document.Notes, func(n note) bool { return n.Permanent.ID != "" })].Permanent
	if permanent.SHA256 != sha256Of(w.get(address).Body.Bytes()) || permanent.Audience != Internal || strings.Join(permanent.InWords, "|") != "Measures: Stalking charges|Areas: Bedfordshire|Periods: quarters|Sources: all" {
		t.Errorf("%+v", permanent)
	}
	for _, name := range []string{"Ann", "FOI"} {
		if strings.Contains(got.Body.String(), name) {
			t.Errorf("the metadata tells %s", name)
		}
	}
}

func TestLinksThatCannotBeMade(t *testing.T) {
	w := newForce(t)
	for name, test := range map[string]struct {
		address string
		form    url.Values
		status  int
		says    string
	}{
		"no reason":        {chargesLink, signedBy("Ann", ""), 400, "Say why"},
		"no name":          {chargesLink, signedBy("", "x"), 400, "Give your name"},
		"no such measure":  {"/reports/permalink?measure=none", signedBy("Ann", "x"), 400, "there is no measure \"none\""},
		"no such filter":   {"/reports/permalink?foo=1", signedBy("Ann", "x"), 400, "there is no filter \"foo\""},
		"no such day":      {"/reports/permalink?as_at=2024-02-30", signedBy("Ann", "x"), 400, "as_at"},
		"too long filters": {"/reports/permalink?" + manySources(), signedBy("Ann", "x"), 400, "too long"},
		"two reasons":      {chargesLink, url.Values{"who": {"Ann"}, "why": {"x", "y"}}, 400, "no second"},
	} {
		if got := w.post(test.address, test.form); got.Code != test.status || !strings.Contains(page(t, got), test.says) {
			t.Errorf("%s: %d %q", name, got.Code, page(t, got))
		}
	}
	w.site.actions = false
	for _, address := range []string{chargesLink, "/permalink/x/withdraw"} {
		if got := w.get(address); got.Code != http.StatusForbidden {
			t.Errorf("%s without actions: %d", address, got.Code)
		}
	}
	if links := w.links(t); len(links) != 0 {
		t.Errorf("%+v", links)
	}
}

func (w works) links(t *testing.T) []stats.Permalink {
	t.Helper()
	links, err := query.New(w.db).Permalinks(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	return links
}

// TestALinkThatIsTooLarge is refused, and nothing of it is kept. One that just
// fits is kept.
func TestALinkThatIsTooLarge(t *testing.T) {
	w := newForce(t)
	size := int64(w.get("/reports/observations.csv?area=E23000026&measure=stalking_charges").Body.Len())
	w.site.maxLink = size - 1
	got := w.post(chargesLink, signedBy("Ann", "x"))
	if got.Code != http.StatusRequestEntityTooLarge || !strings.Contains(page(t, got), "which is more than a permanent link may hold: choose fewer") {
		t.Errorf("%d %s", got.Code, page(t, got))
	}
	var parts uint64
	if err := w.db.QueryRow(t.Context(), "SELECT count() FROM permalink_files").Scan(&parts); err != nil || parts != 0 || len(w.links(t)) != 0 {
		t.Errorf("%d parts are kept, %v", parts, err)
	}
	w.site.maxLink = size
	w.linked(t, chargesLink, signedBy("Ann", "x"))
}

// TestPartsOfALink: what is kept in several parts is what was written.
func TestPartsOfALink(t *testing.T) {
	w := newWorks(t)
	reader := query.New(w.db)
	for _, size := range []int{0, 1, keptPart - 1, keptPart, keptPart + 1, 9*keptPart + 5} {
		text := bytes.Repeat([]byte("0123456789abcde\n"), size/16+1)[:size]
		kept := &keptParts{most: largestLink}
		for rest := text; len(rest) > 0; {
			n, err := kept.Write(rest[:min(len(rest), 70_001)])
			if err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		p := stats.Permalink{ID: fmt.Sprint(size), MadeAt: testNow, SHA256: hashed(kept.parts), MetadataSHA256: hashed(nil)}
		if err := reader.KeepPermalink(t.Context(), p, kept.parts, nil); err != nil {
			t.Fatal(err)
		}
		var got []byte
		for part, err := range reader.PermalinkFile(t.Context(), p, stats.PermalinkCSV) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, part...)
		}
		if !bytes.Equal(got, text) || p.SHA256 != sha256Of(text) {
			t.Errorf("%d bytes came back as %d", size, len(got))
		}
	}
}

// TestAlteredBytes are never handed out.
func TestAlteredBytes(t *testing.T) {
	const update = "ALTER TABLE permalink_files UPDATE bytes = replaceOne(bytes, 'Bedfordshire', 'Bedfordshirf') WHERE file = 'csv' SETTINGS mutations_sync = 1"
	for name, sql := range map[string]string{
		"another letter": update,
		"a part more":    "INSERT INTO permalink_files (permalink_id, file, part, bytes) SELECT permalink_id, file, 1, 'x' FROM permalink_files WHERE file = 'csv'",
		"a part twice":   "INSERT INTO permalink_files SELECT * FROM permalink_files WHERE file = 'csv'",
		"nothing":        "TRUNCATE TABLE permalink_files",
		"another hash":   "ALTER TABLE permalinks UPDATE sha256 = 'ab' WHERE 1 SETTINGS mutations_sync = 1",
	} {
		t.Run(name, func(t *testing.T) {
			w := newForce(t)
			address := w.linked(t, chargesLink, signedBy("Ann", "x"))
			w.exec(t, sql)
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				got := w.send(method, address, "", nil)
				if got.Code != http.StatusInternalServerError || got.Header().Get("ETag") != "" || got.Header().Get("Cache-Control") != "private, no-cache" || strings.Contains(got.Body.String(), "stalking_charges,") {
					t.Errorf("%s = %d, %v: %s", method, got.Code, got.Header(), got.Body)
				}
				if method == http.MethodGet && !strings.Contains(page(t, got), "is not what was kept when it was made, so nothing is handed out") {
					t.Errorf("page = %q", page(t, got))
				}
			}
			if all := w.downloaded(t); len(all) != 0 {
				t.Errorf("a download is recorded: %+v", all)
			}
		})
	}
}

func TestWithdrawingALink(t *testing.T) {
	w := newForce(t)
	address := w.linked(t, chargesLink, signedBy("Ann Example", "FOI 2024/17"))
	tag := w.get(address).Header().Get("ETag")
	form := page(t, w.get(address+"/withdraw"))
	for _, want := range []string{"Withdraw the permanent link of 14 October 2024, 10:30 BST?", "made by Ann Example: FOI 2024/17. It holds 5 rows", "This cannot be taken back"} {
		if !strings.Contains(form, want) {
			t.Errorf("form = %q, want %q", form, want)
		}
	}
	if got := w.post(address+"/withdraw", signedBy("Bob", "")); got.Code != http.StatusBadRequest || w.get(address).Code != 200 {
		t.Errorf("without a reason: %d", got.Code)
	}
	if got := w.post(address+"/withdraw", signedBy("Bob Example", "it named a person")); got.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	for _, path := range []string{address, address + "/metadata.json"} {
		got := w.send(http.MethodGet, path, "", nil, "If-None-Match", tag)
		says := page(t, got)
		if got.Code != http.StatusGone || !strings.Contains(says, "This link was withdrawn") || !strings.Contains(says, "was withdrawn on 14 October 2024, 10:30 BST and is not handed out any more. Why: it named a person.") || strings.Contains(says, "Bob") || got.Header().Get("ETag") != "" {
			t.Errorf("%s = %d, %q", path, got.Code, says)
		}
	}
	if about := page(t, w.get(address+"/about")); !strings.Contains(about, "It was withdrawn on 14 October 2024, 10:30 BST by Bob Example: it named a person.") || strings.Contains(about, "Withdraw this link") || strings.Contains(about, "Download") {
		t.Errorf("page = %q", about)
	}
	if list := page(t, w.get("/reports/permalinks")); !strings.Contains(list, "1 report is kept under a permanent link, of which 1 withdrawn") || !strings.Contains(list, "by Bob Example: it named a person") {
		t.Errorf("list = %q", list)
	}
	if got := w.post(address+"/withdraw", signedBy("Cat", "again")); got.Code != http.StatusConflict {
		t.Errorf("again: %d", got.Code)
	}
	if got := w.get("/permalink/none"); got.Code != http.StatusNotFound || !strings.Contains(page(t, got), "There is no permanent link “none”.") {
		t.Errorf("none: %d", got.Code)
	}
	// The same can be kept anew, under another address.
	if again := w.linked(t, chargesLink, signedBy("Ann Example", "FOI 2024/17")); again == address || w.get(again).Code != 200 {
		t.Errorf("anew at %s", again)
	}
}

func TestAFormThatIsSentTwiceMakesOneLink(t *testing.T) {
	w := newForce(t)
	first := w.linked(t, chargesLink, signedBy("Ann", "x"))
	if second := w.linked(t, chargesLink, signedBy("Ann", "x")); second != first {
		t.Errorf("%s, then %s", first, second)
	}
	for _, form := range []url.Values{signedBy("Bob", "x"), signedBy("Ann", "y")} {
		if other := w.linked(t, chargesLink, form); other == first {
			t.Errorf("%v is taken for the first", form)
		}
	}
	if links := w.links(t); len(links) != 3 {
		t.Errorf("%d links", len(links))
	}
}

// TestALinkOfFormerFigures has the moment that was asked for.
func TestALinkOfFormerFigures(t *testing.T) {
	w := newForce(t)
	address := w.linked(t, chargesLink+"&as_at=2024-10-02", signedBy("Ann", "x"))
	p := w.links(t)[0]
	if got := p.AsAt.Format("2006-01-02T15:04:05.000000Z"); got != "2024-10-02T22:59:59.999999Z" || len(p.Releases) != 1 || p.Releases[0].File != "september.csv" {
		t.Errorf("as at %s, %+v", got, p.Releases)
	}
	if got := w.get(address); !strings.Contains(got.Body.String(), oldRelease) || strings.Contains(got.Body.String(), newRelease) {
		t.Errorf("%s", got.Body)
	}
}

// manySources is a filter of sources that are each short enough, and together too long.
func manySources() string {
	values := url.Values{}
	for n := range longestFilters/longestValue + 1 {
		values.Add("source", fmt.Sprintf("%0*d", longestValue, n))
	}
	return values.Encode()
}
