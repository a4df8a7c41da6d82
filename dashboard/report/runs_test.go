package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stalkstats/internal/stats"
)

func revisionOf(change stats.Change) stats.Revision {
	v := stats.Revision{
		Key: stats.Key{Measure: "charges", Area: "E23000026", Source: "force_return", Period: stats.Month(2024, 9)},
		Run: "run", Change: change, Origin: stats.Origin{File: "new.csv", Row: 4}, Now: stats.Number(12, stats.Provisional),
	}
	if change != stats.NewFigure {
		v.Former, v.FormerRelease, v.FormerOrigin = stats.Missing(stats.Confidential), "before", stats.Origin{File: "=old()", Sheet: "-s", Row: 3}
	}
	return v
}

func TestChanges(t *testing.T) {
	var b bytes.Buffer
	rows, err := Changes(&b, func(yield func(stats.Revision, error) bool) {
		_ = yield(revisionOf(stats.NewFigure), nil) && yield(revisionOf(stats.ChangedFigure), nil)
	}, areas, measures)
	if err != nil || rows != 2 {
		t.Fatalf("%d rows, %v", rows, err)
	}
	records, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, value := range record {
			if value != "" {
				row[records[0][i]] = value
			}
		}
		got = append(got, row)
	}
	added := map[string]string{"change": "new", "measure": "charges", "measure_name": "Charges", "area_code": "E23000026", "area_name": "Bedfordshire", "period": "Sep 2024",
		"period_start": "2024-09-01", "period_end": "2024-09-30", "value": "12", "value_note": "p", "file": "new.csv", "row": "4", "source": "force_return", "run": "run"}
	changed := map[string]string{"former_value_note": "c", "former_release": "before", "former_file": "'=old()", "former_sheet": "'-s", "former_row": "3"}
	for name, value := range added {
		changed[name] = value
	}
	changed["change"] = "changed"
	if diff := cmp.Diff([]map[string]string{added, changed}, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

// A sequence that breaks off gives an error and never a file that seems whole.
func TestChangesBreakOff(t *testing.T) {
	broken := errors.New("the connection is gone")
	rows, err := Changes(&bytes.Buffer{}, func(yield func(stats.Revision, error) bool) {
		_ = yield(revisionOf(stats.NewFigure), nil) && yield(stats.Revision{}, broken)
	}, areas, measures)
	if !errors.Is(err, broken) || rows != 1 {
		t.Errorf("%d rows, %v", rows, err)
	}
}

func TestRejections(t *testing.T) {
	var b bytes.Buffer
	rows, err := Rejections(&b, []stats.Rejection{
		{Origin: stats.Origin{File: "f.csv", Row: 7}, Fault: stats.Fault{Column: "value", Value: "@x", Reason: "no number; write \"c\", or a number"}},
		{Origin: stats.Origin{File: "f.ods", Sheet: "+1"}, Fault: stats.Fault{Value: "-5", Reason: "a\rb"}},
	})
	want := "file,sheet,row,column,value,reason\r\nf.csv,,7,value,'@x,\"no number; write \"\"c\"\", or a number\"\r\nf.ods,'+1,,,'-5,\"a\r\nb\"\r\n"
	if err != nil || rows != 2 || b.String() != want {
		t.Errorf("%d rows, %v:\n%q, want\n%q", rows, err, b.String(), want)
	}
}
