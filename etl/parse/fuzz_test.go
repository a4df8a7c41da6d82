package parse_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"stalkstats/etl/parse"
	"stalkstats/etl/parse/sheet"
	"stalkstats/internal/stats"
)

var fuzzLimits = sheet.Limits{MaxInflated: 1 << 24, MaxRows: 1 << 12, MaxCellBytes: 1 << 12}

// fuzz reads any bytes in a layout: nothing panics, every row is accounted
// for, and a fault is a sentence. The seeds are excerpts of real files and the
// same rows in a workbook.
func fuzz(f *testing.F, layout string) {
	text, err := os.ReadFile("../../sample/" + layout + ".csv")
	if err != nil {
		f.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	fuzzFrom(f, layout, strings.Join(lines[:min(6, len(lines))], ""))
}

// fuzzFrom begins with a few lines of CSV.
func fuzzFrom(f *testing.F, layout, head string) {
	f.Add([]byte(head))
	f.Add([]byte("\ufeff" + strings.ReplaceAll(head, "\r\n", "\n")))
	f.Add([]byte(strings.ReplaceAll(head, ",", "\t")))
	cells := strings.ReplaceAll(strings.TrimSpace(strings.ReplaceAll(head, "\r", "")), ",", "|")
	for _, kind := range []string{"ods", "xlsx"} {
		f.Add(workbook(f, kind, table("2017_18", strings.Split(cells, "\n")...)))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		accounted(t, read(t, layout, "f", file, fuzzLimits))
	})
}

func FuzzHomeOfficeRecordedCrime(f *testing.F) { fuzz(f, "home_office_recorded_crime") }

func FuzzHomeOfficeOutcomes(f *testing.F) {
	fuzzFrom(f, "home_office_outcomes", outcomesHeader+"\n"+outcome("Kent", "1", "5,6")+outcome("Kent", "14", "N/A - data not provided,NA")+
		outcome("Kent", "1a", "2,2")+outcome("Greater Manchester", "16", ",0"))
}

func FuzzForceReturn(f *testing.F) { fuzz(f, "force_return") }

func FuzzPublishedForceFigures(f *testing.F) { fuzz(f, "published_force_figures") }

func FuzzRecommendationRegister(f *testing.F) { fuzz(f, "recommendation_register") }

func FuzzRecommendationProgress(f *testing.F) { fuzz(f, "recommendation_progress") }

func FuzzSPOReturns(f *testing.F) { fuzzOwn(f, "spo_returns") }

func FuzzMostSimilarGroups(f *testing.F) { fuzzOwn(f, "most_similar_groups") }

// FuzzONSPopulation begins with the table of every force.
func FuzzONSPopulation(f *testing.F) {
	f.Add([]byte(strings.ReplaceAll(strings.Join(tableP3(), "\n"), "|", "\t")))
	for kind := range kinds {
		f.Add(workbook(f, kind, table("Cover", "Contents"), table("Table P3", tableP3()...)))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		accounted(t, read(t, "ons_population", "f", file, fuzzLimits))
	})
}

// fuzzOwn begins with the file to fill in, and the example of its columns.
func fuzzOwn(f *testing.F, layout string) {
	p, _ := parse.Find(layout)
	file := filled(f, p, "")
	f.Add(file)
	f.Add(bytes.ReplaceAll(bytes.TrimPrefix(file, []byte("\ufeff")), []byte(","), []byte("\t")))
	f.Add(bytes.ReplaceAll(file, []byte(",0"), []byte(",#REF!")))
	f.Fuzz(func(t *testing.T, file []byte) {
		accounted(t, read(t, layout, "f", file, fuzzLimits))
	})
}

// words is what cells of the layouts hold, rightly and wrongly.
var words = []string{"", " ", "E23000026", "BTP", "Bedfordshire", "London, City of", "Action Fraud", "Wessex", "2024-03", "2017/18", "2017/18 Q1",
	"2024-01-01/2024-09-27", "2024-11-22", "1", "Q1", "7", "07", "29", "30", "0", "-1", " 1,234 ", "-00 ", "8Q", "8q", "8L", "1/4.1/4.10/4.2", "x", "p r", "c",
	"stalking_charges", "stalking_outcomes", "complete", "not started", "all", "yes", "no", "up", "wilson", "100", "territorial_force", "not_a_force", "country",
	"#REF!", "#DIV/0!", "n/a", "E12000005", "K04000001", "West Midlands (region)", "Bedfordshire [note 8]", "684,300", "[x]", "Area Code",
	"https://example.org", "javascript:1", "=1+1", "a\nb", `"`, "é", "a|b", "demonstration",
	"2024-02-29", "29/02/2024 23:59", "2023-02-29", "Stalking", "stalking / harassment", "Harassment", "195/12", "A1", "A2"}

// TestEveryRowIsAccountedFor reads random tables with the right header in
// every layout.
func TestEveryRowIsAccountedFor(t *testing.T) {
	headers := map[string]string{
		"home_office_recorded_crime": crimeHeader,
		"force_records":              arrestsHeader,
		"ons_population":             "Area Code,Area Name,Population (mid-2023)",
		"home_office_outcomes":       outcomesHeader,
	}
	for _, p := range parse.Parsers() {
		if file, err := parse.Template(p, ""); err == nil {
			headers[p.Name] = strings.TrimSpace(strings.TrimPrefix(string(file), "\ufeff"))
		}
	}
	if len(headers) != len(parse.Parsers()) {
		t.Fatalf("%d layouts are tried, and there are %d", len(headers), len(parse.Parsers()))
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for layout, header := range headers {
		columns := strings.Count(header, ",") + 1
		for range 200 {
			rows := r.IntN(30)
			text := header + "\n"
			for range rows {
				var cells []string
				for range columns + r.IntN(3)/2 {
					cells = append(cells, `"`+strings.ReplaceAll(words[r.IntN(len(words))], `"`, `""`)+`"`)
				}
				text += strings.Join(cells, ",") + "\n"
			}
			got := read(t, layout, "f.csv", []byte(text), sheet.Limits{})
			accounted(t, got)
			if got.err != nil && got.out.Read > 0 {
				t.Errorf("%s: %v", layout, got.err)
			}
			if t.Failed() {
				t.Fatalf("%s", text)
			}
		}
	}
}

// TestRejectionsAreBounded: a file that is wrong in every row must not fill
// the memory, and is still counted to its end.
func TestRejectionsAreBounded(t *testing.T) {
	const rows = parse.KeptRejections + 500
	var text bytes.Buffer
	text.WriteString(returnHeader + "\n")
	for range rows {
		text.WriteString("E23000026,2024-03,stalking_charges,,,five,,\n")
	}
	r := read(t, "force_return", "f.csv", text.Bytes(), sheet.Limits{})
	accounted(t, r)
	if r.out.Rejected != rows || len(r.out.Rejections) != parse.KeptRejections {
		t.Errorf("%d rejected, %d kept", r.out.Rejected, len(r.out.Rejections))
	}
}

// TestValidRandomReturns: what a return says is what is loaded, row by row.
func TestValidRandomReturns(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 100 {
		var text, want strings.Builder
		text.WriteString(returnHeader + "\n")
		forces := areas().Forces()
		for range 1 + r.IntN(40) {
			force := forces[r.IntN(len(forces))]
			period := stats.Month(2000+r.IntN(90), time.Month(1+r.IntN(12)))
			value := []string{"0", "17", "1234", " 5 "}[r.IntN(4)]
			text.WriteString(force.Code + "," + period.Start.Format("2006-01") + ",stalking_charges,,," + value + ",,\n")
			want.WriteString(force.Code + " | " + period.Label() + " | stalking_charges | " + strings.TrimSpace(value) + "\n")
		}
		got := read(t, "force_return", "f.csv", []byte(text.String()), sheet.Limits{})
		accounted(t, got)
		if show := strings.Join(figures(got), "\n") + "\n"; show != want.String() {
			t.Fatalf("%s\nis read as\n%s", text.String(), show)
		}
	}
}
