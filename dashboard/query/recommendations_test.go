package query_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

// told writes what a force said of recommendation 7 into a release.
func (w world) told(t testing.TB, release, area, asAt, status, update, review string) {
	t.Helper()
	w.exec(t, "INSERT INTO recommendation_progress (release_id, source, slice, area_code, recommendation, as_at, status, progress_update, review_date, file, source_row) VALUES "+
		"('"+release+"', 'progress', '"+area+" "+asAt+"', '"+area+"', '7', '"+asAt+"', '"+status+"', '"+update+"', "+review+", '"+release+".csv', 2)")
}

// said is a statement as one line: how far, when it was said, and from where.
func saidLine(p stats.Progress) string {
	line := p.AsAt.Format(time.DateOnly) + " " + string(p.Status) + " " + p.Update
	if p.Entered() {
		line += ", " + p.Entry + " by " + p.Who
	} else {
		line += ", " + p.Origin.File
	}
	if !p.Stands() {
		line += ", taken back by " + p.TakenBack.Who + ": " + p.TakenBack.Why
	}
	return line
}

func (w world) said(t testing.TB, area string, at time.Time) []string {
	t.Helper()
	history, err := w.reader.Progress(t.Context(), area, at)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, p := range history {
		lines = append(lines, saidLine(p))
	}
	return lines
}

func entered(id string, at time.Time, asAt time.Time, status stats.Status) stats.Progress {
	return stats.Progress{Entry: id, SaidAt: at, Who: "Ann", Area: "B", Recommendation: "7", AsAt: asAt, Status: status,
		Owner: "stalking lead", Update: "typed", EvidenceURL: "minutes of 3 May"}
}

// TestProgress: what was entered stands among what was loaded by its date, and
// of one date what was said last stands last. To load the same words again in
// a later file says nothing new.
func TestProgress(t *testing.T) {
	w := newWorld(t)
	w.told(t, "p1", "B", "2025-11-22", "not started", "one", "NULL")
	w.told(t, "p1", "B", "2026-03-27", "in progress", "two", "'2026-09-30'")
	w.told(t, "p1", "C", "2025-11-22", "complete", "another force", "NULL")
	w.release(t, "p1", "progress", first, "B 2025-11-22", "B 2026-03-27", "C 2025-11-22")
	mended := entered("e1", first.Add(time.Hour), stats.Day(2026, time.March, 27), stats.NotStarted)
	mended.ReviewDate = stats.Day(2027, time.January, 1)
	between := entered("e2", first.Add(2*time.Hour), stats.Day(2026, time.January, 1), stats.InProgress)
	wrong := entered("e3", second.Add(time.Hour), stats.Day(2026, time.April, 1), stats.Complete)
	for _, p := range []stats.Progress{mended, between, wrong} {
		if err := w.reader.Enter(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	w.told(t, "p2", "B", "2025-11-22", "not started", "one", "NULL")
	w.told(t, "p2", "B", "2026-03-27", "in progress", "two", "'2026-09-30'")
	w.release(t, "p2", "progress", second, "B 2025-11-22", "B 2026-03-27")
	if err := w.reader.TakeBack(t.Context(), wrong, stats.Progress{Entry: "e4", SaidAt: second.Add(2 * time.Hour), Who: "Bob", Update: "another force’s"}); err != nil {
		t.Fatal(err)
	}

	one, two := "2025-11-22 not started one, ", "2026-03-27 in progress two, "
	typedBetween, typedMended, typedWrong := "2026-01-01 in progress typed, e2 by Ann", "2026-03-27 not started typed, e1 by Ann", "2026-04-01 complete typed, e3 by Ann"
	for name, test := range map[string]struct {
		at   time.Time
		want []string
	}{
		"before anything":      {first.Add(-time.Second), nil},
		"loaded":               {first, []string{one + "p1.csv", two + "p1.csv"}},
		"the first entry":      {first.Add(time.Hour), []string{one + "p1.csv", two + "p1.csv", typedMended}},
		"both entries":         {first.Add(3 * time.Hour), []string{one + "p1.csv", typedBetween, two + "p1.csv", typedMended}},
		"loaded again":         {second, []string{one + "p2.csv", typedBetween, two + "p2.csv", typedMended}},
		"a wrong entry":        {second.Add(time.Hour), []string{one + "p2.csv", typedBetween, two + "p2.csv", typedMended, typedWrong}},
		"which was taken back": {query.Latest, []string{one + "p2.csv", typedBetween, two + "p2.csv", typedMended, typedWrong + ", taken back by Bob: another force’s"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, w.said(t, "B", test.at)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if got := w.said(t, "", query.Latest); len(got) != 6 || got[5] != "2025-11-22 complete another force, p1.csv" {
		t.Errorf("all forces: %q", got)
	}
	history, err := w.reader.Progress(t.Context(), "B", query.Latest)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(mended, history[3]); diff != "" {
		t.Errorf("an entry comes back as it went in (-want +got):\n%s", diff)
	}
	if got := history[0]; got.Release != "p2" || !got.SaidAt.Equal(first) || got.Entered() || !got.Stands() {
		t.Errorf("a loaded statement = %+v", got)
	}
}

// TestProgressOtherWords: a file that says something else of the same date is
// the last word.
func TestProgressOtherWords(t *testing.T) {
	w := newWorld(t)
	w.told(t, "p1", "B", "2026-03-27", "in progress", "two", "NULL")
	w.release(t, "p1", "progress", first, "B 2026-03-27")
	if err := w.reader.Enter(t.Context(), entered("e1", first.Add(time.Hour), stats.Day(2026, time.March, 27), stats.NotStarted)); err != nil {
		t.Fatal(err)
	}
	w.told(t, "p2", "B", "2026-03-27", "complete", "three", "NULL")
	w.release(t, "p2", "progress", second, "B 2026-03-27")
	want := []string{"2026-03-27 not started typed, e1 by Ann", "2026-03-27 complete three, p2.csv"}
	if diff := cmp.Diff(want, w.said(t, "B", query.Latest)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
