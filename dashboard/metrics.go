package dashboard

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"stalkstats/dashboard/query"
	"stalkstats/internal/stats"
)

type metricsReader interface {
	stateReader
	backupReader
}

// scrapePatience is how long the numbers are waited for. Prometheus gives up
// after ten seconds unless told otherwise, and must still hear why.
const scrapePatience = 8 * time.Second

// metrics answers a monitoring system, in Prometheus's format. What it says of
// sources is read from ClickHouse for each answer: where that fails there is
// no answer but the reason, for some numbers could be taken for all.
func (s *site) metrics(reader metricsReader) handler {
	process := prometheus.NewRegistry()
	process.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), buildInfo(s.version))
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), scrapePatience)
		defer cancel()
		fresh, err := s.freshnessAt(ctx, reader)
		var backups backupCollector
		if err == nil {
			backups, err = s.backupsAt(ctx, reader)
		}
		if err != nil {
			s.log.ErrorContext(r.Context(), "metrics failed", "request", RequestID(r.Context()), "error", err)
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintln(w, "The runs cannot be read from ClickHouse, so there are no numbers: try again in a minute.")
			return nil
		}
		sources := prometheus.NewRegistry()
		if err := sources.Register(sourceCollector{fresh, s.everySource(fresh)}); err != nil {
			return fmt.Errorf("register the metrics of sources: %w", err)
		}
		if err := sources.Register(backups); err != nil {
			return fmt.Errorf("register the metrics of backups: %w", err)
		}
		promhttp.HandlerFor(prometheus.Gatherers{process, sources}, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError}).ServeHTTP(w, r)
		return nil
	}
}

func buildInfo(version string) prometheus.Collector {
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "stalkstats_build_info", Help: "Which stalkstats this is; always 1.",
		ConstLabels: prometheus.Labels{"version": version}})
	info.Set(1)
	return info
}

// everySource adds to the states those of configured sources that never ran:
// one that is silent from its first day must be seen too.
func (s *site) everySource(f freshness) []query.SourceState {
	names := slices.Collect(maps.Keys(f.limits))
	names = slices.AppendSeq(names, maps.Keys(s.titles))
	for _, state := range f.states {
		names = append(names, state.Source)
	}
	slices.Sort(names)
	var all []query.SourceState
	for _, name := range slices.Compact(names) {
		all = append(all, f.state(name))
	}
	return all
}

// sourceCollector is the metrics of all sources at one moment.
type sourceCollector struct {
	fresh  freshness
	states []query.SourceState
}

func metric(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("stalkstats_"+name, help, append([]string{"source"}, labels...), nil)
}

var (
	runsTotal     = metric("runs_total", "Runs of a source that have ended, by outcome.", "outcome")
	rowsTotal     = metric("rows_total", "Rows that loads of a source have read, by what became of them.", "result")
	runDuration   = metric("run_duration_seconds", "How long the last load of a source took.")
	lastSuccess   = metric("last_success_timestamp_seconds", "When the last load of a source ended that was published or unchanged.")
	sourceAge     = metric("source_age_seconds", "How long ago the newest file was fetched that serves figures of a source.")
	sourceFigures = metric("source_figures_age_seconds", "How long ago the last day ended that the served figures of a source cover, where that has a limit.")
	sourceLate    = metric("source_late", "Whether the newest served file of a source or the last day of its figures is older than it may be, or nothing is served: 1 or 0.")
	lastRunFailed = metric("last_run_failed", "Whether the last load of a source was refused, failed or was interrupted: 1 or 0.")
	sourceHeld    = metric("held", "Whether the last load of a source was held by a check and waits to be accepted: 1 or 0.")
)

// endedOutcomes is every outcome that a run can have once it has ended.
var endedOutcomes = []stats.Outcome{stats.Published, stats.Unchanged, stats.Held, stats.Checked, stats.RejectedRun, stats.Failed, stats.Interrupted, stats.Skipped}

// Describe implements prometheus.Collector.
func (c sourceCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{runsTotal, rowsTotal, runDuration, lastSuccess, sourceAge, sourceFigures, sourceLate, lastRunFailed, sourceHeld} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c sourceCollector) Collect(ch chan<- prometheus.Metric) {
	for _, s := range c.states {
		send := func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
			m, err := prometheus.NewConstMetric(d, kind, value, append([]string{s.Source}, labels...)...)
			if err != nil { // fails the whole answer, as it should
				m = prometheus.NewInvalidMetric(d, err)
			}
			ch <- m
		}
		for _, outcome := range endedOutcomes {
			send(runsTotal, prometheus.CounterValue, float64(s.Outcomes[outcome]), string(outcome))
		}
		send(rowsTotal, prometheus.CounterValue, float64(s.Loaded), "loaded")
		send(rowsTotal, prometheus.CounterValue, float64(s.Excluded), "excluded")
		send(rowsTotal, prometheus.CounterValue, float64(s.Rejected), "rejected")
		if s.LastLoad.ID != "" && s.LastLoad.Outcome != stats.Interrupted { // when that one ended is not known
			send(runDuration, prometheus.GaugeValue, s.LastLoad.EndedAt.Sub(s.LastLoad.StartedAt).Seconds())
		}
		if !s.LastSuccess.IsZero() {
			send(lastSuccess, prometheus.GaugeValue, float64(s.LastSuccess.UnixMilli())/1000)
		}
		if !s.Newest.IsZero() {
			send(sourceAge, prometheus.GaugeValue, c.fresh.now.Sub(s.Newest).Seconds())
		}
		if covers := c.fresh.covered[s.Source]; !covers.IsZero() {
			send(sourceFigures, prometheus.GaugeValue, c.fresh.now.Sub(covers.AddDate(0, 0, 1)).Seconds())
		}
		_, late := c.fresh.lateness(s)
		_, bad := outcomeWords[s.LastLoad.Outcome]
		held := s.LastLoad.Outcome == stats.Held
		send(sourceLate, prometheus.GaugeValue, oneIf(late))
		send(lastRunFailed, prometheus.GaugeValue, oneIf(bad && !held))
		send(sourceHeld, prometheus.GaugeValue, oneIf(held))
	}
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
