package dashboard

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"stalkstats/internal/stats"
)

// backupCollector is the metrics of backups at one moment.
type backupCollector struct {
	last   stats.Backup // the newest that there is
	newest stats.Backup // the newest attempt
	now    time.Time
}

func (s *site) backupsAt(ctx context.Context, reader backupReader) (c backupCollector, err error) {
	c.now = s.now()
	if c.last, err = reader.LastBackup(ctx); err != nil {
		return c, err
	}
	tried, err := reader.Backups(ctx, 1)
	if len(tried) > 0 {
		c.newest = tried[0]
	}
	return c, err
}

var (
	backupTime = prometheus.NewDesc("stalkstats_backup_last_success_timestamp_seconds", "When the last backup that there is began.", nil, nil)
	backupAge  = prometheus.NewDesc("stalkstats_backup_age_seconds", "How long ago the last backup that there is began.", nil, nil)
	backupSize = prometheus.NewDesc("stalkstats_backup_size_bytes", "How many bytes the last backup consists of.", nil, nil)
	backupGood = prometheus.NewDesc("stalkstats_backup_verified", "Whether the last backup was restored apart and gave every published figure again: 1 or 0.", nil, nil)
	backupBad  = prometheus.NewDesc("stalkstats_backup_last_failed", "Whether the last attempt to take a backup failed: 1 or 0.", nil, nil)
)

// Describe implements prometheus.Collector.
func (c backupCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{backupTime, backupAge, backupSize, backupGood, backupBad} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c backupCollector) Collect(ch chan<- prometheus.Metric) {
	send := func(d *prometheus.Desc, value float64) {
		m, err := prometheus.NewConstMetric(d, prometheus.GaugeValue, value)
		if err != nil { // fails the whole answer, as it should
			m = prometheus.NewInvalidMetric(d, err)
		}
		ch <- m
	}
	send(backupBad, oneIf(c.newest.Outcome == stats.BackupFailed))
	if c.last.ID == "" {
		return
	}
	send(backupTime, float64(c.last.Began.UnixMilli())/1000)
	send(backupAge, c.now.Sub(c.last.Began).Seconds())
	send(backupSize, float64(c.last.Bytes))
	send(backupGood, oneIf(c.last.Outcome == stats.BackupGood))
}
