package clickhouse_test

import (
	"testing"

	chgo "github.com/ClickHouse/clickhouse-go/v2"

	"stalkstats/internal/clickhouse"
)

func BenchmarkInsert500k(b *testing.B) {
	for name, settings := range map[string]string{
		"": "", "synced": " SETTINGS fsync_after_insert = 1, fsync_part_directory = 1",
	} {
		b.Run(name, func(b *testing.B) {
			db := open(b, clickhouse.Options{})
			exec1(b, db, observations+settings)
			for b.Loop() {
				insertObservations(b, db, 500_000)
			}
		})
	}
}

func BenchmarkFilteredCount(b *testing.B) {
	db := open(b, clickhouse.Options{})
	exec1(b, db, observations)
	insertObservations(b, db, 500_000)
	for b.Loop() {
		n := scan1[uint64](b, db, "SELECT count() FROM observations WHERE area = {area:String} AND measure = {measure:String}",
			chgo.Named("area", "E23000011"), chgo.Named("measure", "measure_3"))
		if n == 0 {
			b.Fatal("nothing found")
		}
	}
}

func BenchmarkSelectOne(b *testing.B) {
	db := open(b, clickhouse.Options{})
	for b.Loop() {
		scan1[uint8](b, db, "SELECT 1")
	}
}
