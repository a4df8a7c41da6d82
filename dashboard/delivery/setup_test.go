package delivery_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"stalkstats/dashboard"
	"stalkstats/dashboard/delivery"
	"stalkstats/dashboard/disclosure"
	"stalkstats/dashboard/published"
	"stalkstats/dashboard/query"
	"stalkstats/internal/clickhouse"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

func TestMain(m *testing.M) { os.Exit(clickhousetest.Main(m)) }

// bench is deliveries over a real ClickHouse, a folder and a clock that the test
// turns. Each start is a process of its own.
type bench struct {
	db     *clickhouse.DB
	store  *query.Reader
	o      delivery.Options
	folder string
	log    *bytes.Buffer
	now    time.Time
}

// saved is when the reports of these tests are saved: a Monday noon in winter.
var saved = time.Date(2024, time.January, 15, 12, 0, 0, 0, time.UTC)

func newBench(t *testing.T) *bench {
	t.Helper()
	db := clickhousetest.Open(t)
	if _, err := schemas.Apply(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{db: db, store: query.New(db), folder: t.TempDir(), log: &bytes.Buffer{}, now: saved}
	log := slog.New(slog.NewTextHandler(b.log, nil))
	rules := disclosure.Rules{Threshold: 5, Rounding: 5}
	now := func() time.Time { return b.now }
	b.o = delivery.Options{Store: b.store, Saving: dashboard.Saving{Folder: b.folder, Schedule: inZone(london)}, Spool: filepath.Join(t.TempDir(), "spool"), Zone: london, CatchUp: true, Log: log, Now: now,
		Maker: dashboard.NewArchiver(dashboard.Options{Reader: b.store, Published: published.NewReader(b.store, published.NewKeeper(b.store, rules, now, log)), Rules: rules, Home: "E23000026"})}
	for _, sql := range []string{
		`INSERT INTO areas (release_id, source, slice, area_code, area_name, kind, source_row) VALUES ('r0','areas','all','E23000026','Bedfordshire','territorial_force',2)`,
		`INSERT INTO measures (release_id, source, slice, measure, measure_name, headline, source_row) VALUES ('r0','measures','all','stalking_charges','Stalking charges',1,2)`,
		`INSERT INTO releases (release_id, source, file, sha256, retrieved_at, created_at) VALUES ('r0','areas','areas.csv','s','2024-01-01','2024-01-01')`,
		`INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('areas','all','r0','2024-01-01','r0'), ('measures','all','r0','2024-01-01','r0')`,
	} {
		b.exec(t, sql)
	}
	b.publish(t, "r1", "2024-01-10 06:00:00", 21)
	return b
}

func (b *bench) exec(t *testing.T, sql string) {
	t.Helper()
	if err := b.db.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// publish makes a release of one count what is served from a time on.
func (b *bench) publish(t *testing.T, release, at string, value int) {
	t.Helper()
	r := strings.NewReplacer("{r}", release, "{at}", at, "{v}", string(rune('0'+value/10))+string(rune('0'+value%10)))
	for _, sql := range []string{
		`INSERT INTO observations (release_id, source, slice, measure, area_code, period_start, period_end, value, file, source_row) VALUES ('{r}','force_return','2023','stalking_charges','E23000026','2023-01-01','2023-01-31',{v},'f.csv',2)`,
		`INSERT INTO releases (release_id, source, file, sha256, retrieved_at, created_at) VALUES ('{r}','force_return','f.csv','s1','{at}','{at}')`,
		`INSERT INTO published (source, slice, release_id, published_at, run_id) VALUES ('force_return','2023','{r}','{at}','{r}')`,
	} {
		b.exec(t, r.Replace(sql))
	}
}

// inZone reads the one schedule of these tests; lines of cron are tested where
// they are read.
func inZone(zone *time.Location) func(string) (func(time.Time) time.Time, error) {
	return func(spec string) (func(time.Time) time.Time, error) {
		if spec != "0 7 1 * *" {
			return nil, errors.New("not a schedule of these tests")
		}
		return func(t time.Time) time.Time {
			t = t.In(zone)
			at := time.Date(t.Year(), t.Month(), 1, 7, 0, 0, 0, zone)
			if !at.After(t) {
				at = at.AddDate(0, 1, 0)
			}
			return at
		}, nil
	}
}

// save saves a report, due on the first of each month at 07:00.
func (b *bench) save(t *testing.T, change func(*stats.SavedReport)) stats.SavedReport {
	t.Helper()
	r := stats.SavedReport{ID: "s1", SavedAt: saved, Who: "Ann Example", Name: "Board report", Filters: "audience=published&measure=stalking_charges",
		InWords: []string{"Measures: Stalking charges"}, Audience: dashboard.Published, Schedule: "0 7 1 * *", Place: stats.FolderPlace}
	if change != nil {
		change(&r)
	}
	if err := b.store.SaveReport(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return r
}

// start is a process that begins now.
func (b *bench) start(t *testing.T) *delivery.Deliverer {
	t.Helper()
	d, err := delivery.New(b.o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// look looks at a time.
func (b *bench) look(t *testing.T, d *delivery.Deliverer, at string) {
	t.Helper()
	b.at(t, at)
	if err := d.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// restart looks once, as a process that begins at a time.
func (b *bench) restart(t *testing.T, at string) {
	t.Helper()
	b.at(t, at)
	b.look(t, b.start(t), at)
}

func (b *bench) at(t *testing.T, at string) {
	t.Helper()
	var err error
	if b.now, err = time.Parse("2006-01-02 15:04", at); err != nil {
		t.Fatal(err)
	}
}

// files is the names in the folder.
func (b *bench) files(t *testing.T) []string {
	t.Helper()
	entries, err := fs.ReadDir(os.DirFS(b.folder), ".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// rows is what is recorded of deliveries, as due, outcome and file or problem.
func (b *bench) rows(t *testing.T) []string {
	t.Helper()
	rows, err := b.db.Query(t.Context(), "SELECT formatDateTime(due_at, '%m-%d %H:%i'), toString(outcome), if(problem = '', file, problem) FROM report_deliveries ORDER BY report_id, recorded_at, outcome != 'sending'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var due, outcome, says string
		if err := rows.Scan(&due, &outcome, &says); err != nil {
			t.Fatal(err)
		}
		all = append(all, due+" "+outcome+": "+says)
	}
	return all
}

func (b *bench) downloads(t *testing.T) []stats.Download {
	t.Helper()
	var all []stats.Download
	for d, err := range b.store.Downloads(t.Context(), time.Time{}, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	slices.Reverse(all)
	return all
}

// inside is a file of a zip.
func inside(t *testing.T, archive []byte, name string) string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	file, err := r.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (b *bench) read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(b.folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A lossy store is the real one, which cannot be written to.
type lossy struct {
	*query.Reader
	lost func(stats.ReportDelivery) error
}

func (l lossy) RecordDelivery(ctx context.Context, d stats.ReportDelivery) error {
	if err := l.lost(d); err != nil {
		return err
	}
	return l.Reader.RecordDelivery(ctx, d)
}

// A failing maker is the real one once fails says nil.
type failing struct {
	delivery.Maker
	fails func(ctx context.Context, filters string) error
}

func (f failing) Archive(ctx context.Context, w io.Writer, filters string) (dashboard.Archived, error) {
	if err := f.fails(ctx, filters); err != nil {
		return dashboard.Archived{}, err
	}
	return f.Maker.Archive(ctx, w, filters)
}

// full is a folder on a disk that has no room for a report; empty where this user
// may not make one.
func full(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4k"); errors.Is(err, syscall.EPERM) {
		if os.Getenv("CI") != "" {
			t.Fatal("CI must be able to mount a small file system")
		}
		return ""
	} else if err != nil {
		t.Fatalf("mount a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	if err := os.WriteFile(filepath.Join(dir, "of another"), []byte{1}, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A large maker makes more than comes with a mail.
type large struct{ delivery.Maker }

func (l large) Archive(ctx context.Context, w io.Writer, filters string) (dashboard.Archived, error) {
	if _, err := w.Write(make([]byte, 11<<20)); err != nil {
		return dashboard.Archived{}, err
	}
	return l.Maker.Archive(ctx, w, filters)
}
