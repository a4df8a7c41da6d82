package dashboard

import (
	"strings"
	"testing"

	"stalkstats/internal/stats"
)

func TestWhereAFileCameFrom(t *testing.T) {
	w := newWorks(t)
	const upload, again = "20241009T060000-00000001", "20241009T070000-00000002"
	w.run(t, upload, "check", "checked", "2024-10-09 06:00:00", "november.csv", "")
	w.exec(t, "INSERT INTO runs SELECT * REPLACE (recorded_at + 1 AS recorded_at, '/srv/data/uploads/20241009T055959-abcd/november.csv' AS fetched_from, 'Ann' AS asked_by, true AS other_file) FROM runs WHERE run_id = '"+upload+"'")
	w.run(t, again, "load", "published", "2024-10-09 07:00:00", "november.csv", "")
	w.exec(t, "INSERT INTO runs SELECT * REPLACE (recorded_at + 1 AS recorded_at, '/srv/data/uploads/20241009T055959-abcd/november.csv' AS fetched_from, 'Bo' AS asked_by, true AS other_file, '"+upload+"' AS of_run) FROM runs WHERE run_id = '"+again+"'")
	for _, id := range []string{upload, again} {
		page := page(t, w.get("/data/runs/"+id))
		if want := "File november.csv Came from sent on the page of the source by Ann SHA-256"; !strings.Contains(page, want) {
			t.Errorf("%s: %q, want %q", id, page, want)
		}
	}
	for from, tt := range map[string]struct {
		other bool
		want  string
	}{
		"":                           {false, ""},
		"/srv/inbox/a.csv":           {false, "the folder “inbox”"},
		"a.csv":                      {false, "the source’s own place"},
		"/a.csv":                     {false, "the source’s own place"},
		"/srv/uploads/own/a.csv":     {false, "the folder “own”"},
		"/home/ann/a.csv":            {true, "named at the command line by Ann"},
		"builtin:areas.csv":          {false, "the reference data inside the program"},
		"https://host/media/1/a.csv": {false, "https://host/media/1/a.csv"},
	} {
		run := stats.Run{From: from, OtherFile: tt.other, AskedBy: "Ann"}
		if got := (runInput{run: run, first: run}).fetchedFrom(); got != tt.want {
			t.Errorf("%s: %q, want %q", from, got, tt.want)
		}
	}
}

func TestSlicesInWords(t *testing.T) {
	n := sliceNamer{areas: stats.NewAreas([]stats.Area{{Code: "E23000026", Name: "Bedfordshire"}}), measures: stats.NewMeasures([]stats.Measure{{ID: "stalking_charges", Name: "Stalking charges"}})}
	for slice, want := range map[string]string{
		"E23000026 2024-03-01/2024-03-31 stalking_charges": "Stalking charges, Bedfordshire, Mar 2024",
		"E23000026 2024-01-01/2024-09-27 stalking_charges": "Stalking charges, Bedfordshire, 1 Jan to 27 Sep 2024",
		"E23000026 2024-11-22":                             "Bedfordshire, 22 November 2024",
		"2017/18":                                          "2017/18",
		"mid-2018":                                         "mid-2018",
		"E23000099 2024-11-22 unknown":                     "22 November 2024, E23000099 unknown",
	} {
		if got := n.of(slice); got != want {
			t.Errorf("%q is %q, want %q", slice, got, want)
		}
	}
	if got := n.all([]string{"2017/18", "2018/19"}); got != "2017/18 and 2018/19" {
		t.Errorf("years: %q", got)
	}
	if got := n.all([]string{"E23000026 2024-11-22", "E23000026 2024-11-23"}); got != "Bedfordshire, 22 November 2024; Bedfordshire, 23 November 2024" {
		t.Errorf("days: %q", got)
	}
}
