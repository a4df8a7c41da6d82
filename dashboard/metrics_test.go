package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"stalkstats/dashboard/query"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/schemas"
)

// scraped is a database with a source that is late and whose last run failed,
// one that is held, and one whose name is hostile and that finds the same file
// every day.
func scraped(t *testing.T) *clickhouse.DB {
	t.Helper()
	db := clickhousetest.Open(t)
	if _, err := schemas.Apply(context.Background(), db); err != nil {
		t.Fatal(err)
	}
	for i, run := range []string{
		"'force_return','2026-11-01 08:00:00','2026-11-01 08:00:30','published','load',6,3,2,1",
		"'force_return','2026-11-23 08:00:00','2026-11-23 08:00:02','failed','load',6,3,2,1",
		"'force_return','2026-11-23 09:00:00','2026-11-23 09:00:09','checked','check',6,3,2,1",
		"'prc','2026-11-24 08:00:00','2026-11-24 08:00:01.5','held','load',0,0,0,0",
		`'a"b\\c','2026-11-24 08:59:00','2026-11-24 09:00:00','unchanged','load',0,0,0,0`,
		"'broken','2026-11-24 08:00:00','2026-11-24 08:30:00','interrupted','load',0,0,0,0",
		"'running','2026-11-24 08:00:00',NULL,'running','load',0,0,0,0",
	} {
		fields := strings.SplitN(run, ",", 3)
		statement := fmt.Sprintf("INSERT INTO runs (run_id, recorded_at, source, started_at, ended_at, outcome, kind, read_rows, loaded_rows, excluded_rows, rejected_rows) VALUES ('r%d',%s,%s,%s,%s)", i, fields[1], fields[0], fields[1], fields[2])
		if err := db.Exec(context.Background(), statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}
	for _, statement := range []string{
		"INSERT INTO backups (backup_id, began_at, ended_at, outcome, byte_count) VALUES ('b1','2026-11-22 02:00:00','2026-11-22 02:00:09','untried',4000), ('b2','2026-11-23 02:00:00','2026-11-23 02:00:09','good',5000), ('','2026-11-24 02:00:00','2026-11-24 02:00:01','failed',0)",
		`INSERT INTO releases (release_id, source, retrieved_at, created_at) VALUES ('r0','force_return','2026-11-01 08:00:00','2026-11-01 08:00:00'), ('old','a"b\\c','2026-10-25 09:00:00','2026-10-25 09:00:00')`,
		"INSERT INTO observations (release_id, source, slice, period_start, period_end, value) VALUES ('r0','force_return','all','2026-10-01','2026-10-31',5)",
		`INSERT INTO published (source, slice, release_id, published_at) VALUES ('force_return','all','r0','2026-11-01 08:00:30'), ('a"b\\c','all','old','2026-10-25 09:00:00')`,
	} {
		if err := db.Exec(context.Background(), statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}
	return db
}

// scrape asks for the metrics of a site that has one source more in its
// configuration than ever ran.
func scrape(t *testing.T, db driver.Conn, host string) (*httptest.ResponseRecorder, string) {
	t.Helper()
	var log strings.Builder
	s := newSite(t, &log)
	s.now = func() time.Time { return november }
	s.titles = sourceTitles{"silent": "a silent source"}
	s.limits = freshLimits{"force_return": {Fetched: 23 * 24 * time.Hour, Covers: 400 * 24 * time.Hour}, "prc": {Fetched: time.Hour}, "new": {Fetched: time.Hour}, `a"b\c`: {Fetched: 29 * 24 * time.Hour}}
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Host = host
	s.protect(s.routes(Options{Reader: query.New(db)})).ServeHTTP(w, r)
	return w, log.String()
}

func TestMetrics(t *testing.T) {
	w, _ := scrape(t, scraped(t), "127.0.0.1:8080")
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain; version=0.0.4") || w.Header().Get("Content-Security-Policy") == "" {
		t.Errorf("status %d, headers %v", w.Code, w.Header())
	}
	body := w.Body.String()
	var got []string
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "stalkstats_") && !(strings.Contains(line, "runs_total") && strings.HasSuffix(line, " 0\n")) {
			got = append(got, strings.TrimPrefix(strings.TrimSpace(line), "stalkstats_"))
		}
	}
	hostile := `{source="a\"b\\c"}`
	want := []string{
		"backup_age_seconds 111600", "backup_last_failed 1", "backup_last_success_timestamp_seconds 1.7953992e+09", "backup_size_bytes 5000", "backup_verified 1",
		`build_info{version="1.0"} 1`,
		"held" + hostile + " 0", `held{source="broken"} 0`, `held{source="force_return"} 0`, `held{source="new"} 0`, `held{source="prc"} 1`, `held{source="silent"} 0`,
		"last_run_failed" + hostile + " 0", `last_run_failed{source="broken"} 1`, `last_run_failed{source="force_return"} 1`, `last_run_failed{source="new"} 0`, `last_run_failed{source="prc"} 0`, `last_run_failed{source="silent"} 0`,
		"last_success_timestamp_seconds" + hostile + " 1.7955108e+09", `last_success_timestamp_seconds{source="force_return"} 1.79352003e+09`,
		`rows_total{result="excluded",source="a\"b\\c"} 0`, `rows_total{result="excluded",source="broken"} 0`, `rows_total{result="excluded",source="force_return"} 4`, `rows_total{result="excluded",source="new"} 0`, `rows_total{result="excluded",source="prc"} 0`, `rows_total{result="excluded",source="silent"} 0`,
		`rows_total{result="loaded",source="a\"b\\c"} 0`, `rows_total{result="loaded",source="broken"} 0`, `rows_total{result="loaded",source="force_return"} 6`, `rows_total{result="loaded",source="new"} 0`, `rows_total{result="loaded",source="prc"} 0`, `rows_total{result="loaded",source="silent"} 0`,
		`rows_total{result="rejected",source="a\"b\\c"} 0`, `rows_total{result="rejected",source="broken"} 0`, `rows_total{result="rejected",source="force_return"} 2`, `rows_total{result="rejected",source="new"} 0`, `rows_total{result="rejected",source="prc"} 0`, `rows_total{result="rejected",source="silent"} 0`,
		"run_duration_seconds" + hostile + " 60", `run_duration_seconds{source="force_return"} 2`, `run_duration_seconds{source="prc"} 1.5`,
		`runs_total{outcome="checked",source="force_return"} 1`, `runs_total{outcome="failed",source="force_return"} 1`, `runs_total{outcome="held",source="prc"} 1`, `runs_total{outcome="interrupted",source="broken"} 1`,
		`runs_total{outcome="published",source="force_return"} 1`, `runs_total{outcome="unchanged",source="a\"b\\c"} 1`,
		"source_age_seconds" + hostile + " 2.592e+06", `source_age_seconds{source="force_return"} 1.9908e+06`,
		`source_figures_age_seconds{source="force_return"} 2.0196e+06`,
		"source_late" + hostile + " 1", `source_late{source="broken"} 0`, `source_late{source="force_return"} 1`, `source_late{source="new"} 1`, `source_late{source="prc"} 1`, `source_late{source="silent"} 0`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	problems, err := promlint.New(strings.NewReader(body)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("against Prometheus's conventions: %v %v", problems, err)
	}
	for _, prefix := range []string{"\ngo_goroutines ", "\nprocess_resident_memory_bytes "} {
		if !strings.Contains(body, prefix) {
			t.Errorf("there is no %s", strings.TrimSpace(prefix))
		}
	}
}

// TestMetricsAreDocumented: the page names what is emitted, and nothing else.
func TestMetricsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	w, _ := scrape(t, scraped(t), "localhost")
	var emitted, own []string
	for _, match := range regexp.MustCompile(`(?m)^# TYPE (\S+) (\S+)$`).FindAllStringSubmatch(w.Body.String(), -1) {
		name, kind := match[1], match[2]
		emitted = append(emitted, name)
		switch {
		case strings.HasPrefix(name, "stalkstats_"):
			own = append(own, name)
			if !strings.Contains(string(text), "\n| `"+name+"` | "+kind+" |") {
				t.Errorf("docs/metrics.md does not have the %s %s", kind, name)
			}
		case !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_"):
			t.Errorf("docs/metrics.md says nothing of %s", name)
		}
	}
	if len(emitted) < 30 || len(own) != 15 {
		t.Errorf("%d metrics, %d of them ours", len(emitted), len(own))
	}
	for _, name := range regexp.MustCompile(`stalkstats_[a-z_]+`).FindAllString(string(text), -1) {
		if !slices.Contains(own, name) {
			t.Errorf("docs/metrics.md has %s, which is not emitted", name)
		}
	}
}

// TestMetricsWithoutClickHouse: no numbers rather than some.
func TestMetricsWithoutClickHouse(t *testing.T) {
	db := clickhousetest.Open(t)
	w, log := scrape(t, db, "localhost") // the tables are not there
	const says = "The runs cannot be read from ClickHouse, so there are no numbers: try again in a minute.\n"
	if w.Code != http.StatusServiceUnavailable || w.Body.String() != says || !strings.Contains(log, "metrics failed") {
		t.Errorf("status %d, %q\n%s", w.Code, w.Body, log)
	}
	none, err := driver.Open(&driver.Options{Addr: []string{"127.0.0.1:1"}}) // it asks nobody before the first question
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = none.Close() }()
	if w, log := scrape(t, none, "localhost"); w.Code != http.StatusServiceUnavailable || w.Body.String() != says || !strings.Contains(log, "refused") {
		t.Errorf("without a server: status %d, %q\n%s", w.Code, w.Body, log)
	}
}

func TestMetricsAreForThisComputer(t *testing.T) {
	if w, _ := scrape(t, clickhousetest.Open(t), "example.org"); w.Code != http.StatusMisdirectedRequest {
		t.Errorf("status %d", w.Code)
	}
}
