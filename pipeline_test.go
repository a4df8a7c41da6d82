package main

import (
	"context"
	"log/slog"
	"math"
	"os"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/google/go-cmp/cmp"

	"stalkstats/dashboard/query"
	"stalkstats/etl"
	"stalkstats/etl/parse"
	"stalkstats/internal/clickhouse/clickhousetest"
	"stalkstats/internal/config"
	"stalkstats/internal/stats"
	"stalkstats/schemas"
)

func TestMain(m *testing.M) { os.Exit(clickhousetest.Main(m)) }

// secretOfTests is what chance is drawn with in every pipeline: what is hidden beside a small
// count is the same in each run of a test.
const secretOfTests = "1"

// pipeline is the default configuration over a fresh database and directory.
type pipeline struct {
	cfg    config.Config
	conn   driver.Conn
	etl    *etl.ETL
	reader *query.Reader
}

func newPipeline(t testing.TB) pipeline {
	t.Helper()
	cfg, err := config.Load("config.yaml", func(string) (string, bool) { return "", false }, config.Known{Parsers: parse.Names()})
	if err != nil {
		t.Fatal(err)
	}
	cfg.DataDir = t.TempDir()
	conn := clickhousetest.Open(t)
	if _, err := schemas.Apply(context.Background(), conn); err != nil {
		t.Fatal(err)
	}
	if err := conn.Exec(context.Background(), "INSERT INTO disclosure_secret (secret, made_at) VALUES ('"+secretOfTests+"', now64(6))"); err != nil {
		t.Fatal(err)
	}
	reader := query.New(conn)
	return pipeline{cfg, conn, etl.New(cfg, conn, reader, slog.New(slog.DiscardHandler), time.Now), reader}
}

func (p pipeline) run(t testing.TB, source, file string) stats.Run {
	t.Helper()
	runs, err := p.etl.Run(context.Background(), source, etl.Options{File: file})
	if err != nil || len(runs) != 1 {
		t.Fatalf("%d runs, error %v", len(runs), err)
	}
	run := runs[0]
	if run.Read != run.Loaded+run.Excluded+run.Rejected {
		t.Errorf("%s: read %d is not loaded %d + excluded %d + rejected %d", source, run.Read, run.Loaded, run.Excluded, run.Rejected)
	}
	return run
}

func (p pipeline) figures(t testing.TB, f query.Filter) []stats.Figure {
	t.Helper()
	var all []stats.Figure
	for figure, err := range p.reader.Figures(context.Background(), f) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, figure)
	}
	return all
}

func sum(figures []stats.Figure) (total float64) {
	for _, f := range figures {
		total += f.Value.Number
	}
	return total
}

// TestKnownAnswers loads the real Home Office table of 2017/18 and finds the
// totals that were added up by hand from the published file.
func TestKnownAnswers(t *testing.T) {
	p := newPipeline(t)
	run := p.run(t, "home_office_recorded_crime", "")
	if run.Outcome != stats.Published || run.Loaded != 704 {
		t.Fatalf("run %+v", run)
	}
	for _, c := range []struct {
		measure, area string
		want          float64
	}{
		{"stalking_recorded", stats.EnglandAndWales, 10271},
		{"stalking_recorded", "BTP", 25},
	} {
		got := sum(p.figures(t, query.Filter{Measures: []string{c.measure}, Areas: []string{c.area}}))
		if got != c.want {
			t.Errorf("%s in %s: %v, want %v", c.measure, c.area, got, c.want)
		}
	}
	for measure, want := range map[string]float64{
		"stalking_recorded": 10296, "harassment_recorded": 124393, "malicious_communications_recorded": 159377, "aggravated_harassment_recorded": 1882,
	} {
		var got float64
		for _, f := range p.figures(t, query.Filter{Measures: []string{measure}}) {
			if f.Area != stats.EnglandAndWales {
				got += f.Value.Number
			}
		}
		if got != want {
			t.Errorf("%s over all entities: %v, want %v", measure, got, want)
		}
	}
	quarters := p.figures(t, query.Filter{Measures: []string{"stalking_recorded"}, Areas: []string{"E23000026"}})
	for i, want := range []float64{12, 13, 21, 19} {
		f := quarters[i]
		if f.Value.Number != want || f.Period != stats.Quarter(2017, i+1) || len(f.Origins) != 1 || f.Origins[0].Row < 2 {
			t.Errorf("Bedfordshire, quarter %d: %+v, want %v", i+1, f, want)
		}
	}
}

// TestDefaultConfiguration loads everything that the default configuration
// names, as the first start does, twice: the second time nothing changes.
func TestDefaultConfiguration(t *testing.T) {
	p := newPipeline(t)
	if err := p.etl.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, src := range p.cfg.ETL.Sources {
		runs, err := p.reader.Runs(context.Background(), src.Name, 10)
		if err != nil || len(runs) != 1 || runs[0].Outcome != stats.Published {
			t.Errorf("%s: runs %+v, error %v", src.Name, runs, err)
		}
		if again := p.run(t, src.Name, ""); again.Outcome != stats.Unchanged {
			t.Errorf("%s again: %s %s", src.Name, again.Outcome, again.Problem)
		}
	}
	for _, c := range []struct {
		measure  string
		from, to time.Time
		want     float64
	}{
		{"stalking_arrests", stats.Day(2024, 1, 1), stats.Day(2024, 9, 27), 215},
		{"stalking_charges", stats.Day(2024, 1, 1), stats.Day(2024, 9, 27), 151},
		{"stalking_charges", stats.Day(2023, 1, 1), stats.Day(2023, 9, 27), 96},
	} {
		figures := p.figures(t, query.Filter{Measures: []string{c.measure}, Areas: []string{"E23000026"}, Sources: []string{"force_return"}, From: c.from, To: c.to})
		if got := sum(figures); got != c.want {
			t.Errorf("%s from %s: %v, want %v", c.measure, c.from.Format(time.DateOnly), got, c.want)
		}
		for _, f := range figures {
			if !f.Demonstration() {
				t.Errorf("%s %s is not labelled as a demonstration", f.Measure, f.Period.Label())
			}
		}
	}
}

func parserNames() []string { return parse.Names() }

// TestTwoBasesOfOneChargeRate: England and Wales 2021/22 from the published
// table, without and with British Transport Police, and the rate of the other
// basis, which has another denominator and is never mixed with it.
func TestTwoBasesOfOneChargeRate(t *testing.T) {
	p := newPipeline(t)
	if err := p.etl.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	year := stats.FinancialYear(2021)
	of := func(measure, area string) stats.Figure {
		for _, f := range p.figures(t, query.Filter{Measures: []string{measure}, Areas: []string{area}, Sources: []string{"published_force_figures"}}) {
			if f.Period == year {
				return f
			}
		}
		t.Fatalf("there is no %s of %s in %s", measure, area, year.Text())
		return stats.Figure{}
	}
	for measure, want := range map[string][2]float64{"stalking_outcomes": {99265, 99302}, "stalking_charges": {5947, 5948}} {
		alone := of(measure, stats.EnglandAndWales).Value.Number
		if with := alone + of(measure, "BTP").Value.Number; alone != want[0] || with != want[1] {
			t.Errorf("%s: %v, and %v with British Transport Police, want %v", measure, alone, with, want)
		}
	}
	national := of("charge_rate", stats.EnglandAndWales)
	if national.Basis != "outcomes" || national.Numerator.Number != 5947 || national.Denominator.Number != 99265 || math.Round(10*national.Value.Number) != 60 {
		t.Errorf("charge rate %+v, want 6.0%% on the basis of outcomes", national)
	}
	p.checkDenominators(t)
}

// TestTheSameChargesOverTwoBases: 5,948 charges are 6.0% of 99,302 outcomes and 5.0%
// of 118,411 recorded offences. They are two rates that never stand in one series.
func TestTheSameChargesOverTwoBases(t *testing.T) {
	p := newPipeline(t)
	for _, source := range []string{"areas", "measures"} {
		p.run(t, source, "")
	}
	p.correct(t, "force_return", "area_code,period,measure,breakdown,breakdown_value,value,value_note,comment\n"+
		"BTP,2021/22,stalking_charges,,,5948,,\nBTP,2021/22,stalking_outcomes,,,99302,,\nBTP,2021/22,stalking_recorded,,,118411,,\n")
	rates := map[string]float64{}
	for _, f := range p.figures(t, query.Filter{Measures: []string{"charge_rate"}, Areas: []string{"BTP"}}) {
		rates[f.Basis] = math.Round(10*f.Value.Number) / 10
	}
	if diff := cmp.Diff(map[string]float64{"outcomes": 6.0, "recorded": 5.0}, rates); diff != "" {
		t.Errorf("charge rates (-want +got):\n%s", diff)
	}
}

// checkDenominators: every charge rate of the return has the denominator of its
// own basis, and where the two counts differ so do the rates.
func (p pipeline) checkDenominators(t *testing.T) {
	t.Helper()
	counts := map[string]float64{}
	for basis, measure := range map[string]string{"outcomes": "stalking_outcomes", "recorded": "stalking_recorded"} {
		for _, f := range p.figures(t, query.Filter{Measures: []string{measure}, Areas: []string{"E23000026"}, Sources: []string{"force_return"}, Totals: true}) {
			counts[basis+f.Period.Text()] = f.Value.Number
		}
	}
	seen := map[string]int{}
	for _, f := range p.figures(t, query.Filter{Measures: []string{"charge_rate"}, Areas: []string{"E23000026"}, Sources: []string{"force_return"}, Totals: true}) {
		seen[f.Basis]++
		own, other := counts[f.Basis+f.Period.Text()], counts[map[string]string{"outcomes": "recorded", "recorded": "outcomes"}[f.Basis]+f.Period.Text()]
		if own == 0 || f.Denominator.Number != own || own != other && f.Denominator.Number == other || math.Abs(f.Value.Number-100*f.Numerator.Number/own) > 1e-9 {
			t.Errorf("%s on the basis of %s: %v of %v, want of %v", f.Period.Label(), f.Basis, f.Numerator.Number, f.Denominator.Number, own)
		}
	}
	if seen["outcomes"] < 30 || seen["recorded"] < 30 || len(seen) != 2 {
		t.Errorf("rates by basis: %v", seen)
	}
}
