package load

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"stalkstats/internal/stats"
)

// What follows asks for what the checks before publishing look at. What is
// asked of is a release that is written and not published yet.

// ForcesByPeriod is the codes of the areas that a release has a total of, in
// each period of each measure and basis.
func ForcesByPeriod(ctx context.Context, conn driver.Conn, release string) (map[stats.Key][]string, error) {
	there := map[stats.Key][]string{}
	err := each(ctx, conn, "which areas the file has", `
		SELECT measure, basis, period_start, period_end, groupUniqArray(toString(area_code))
		FROM observations
		WHERE release_id = {release:String} AND breakdown = ''
		GROUP BY measure, basis, period_start, period_end`, func(rows driver.Rows) error {
		var k stats.Key
		var codes []string
		err := rows.Scan(&k.Measure, &k.Basis, &k.Period.Start, &k.Period.End, &codes)
		k.Period = days(k.Period)
		there[k] = codes
		return err
	}, clickhouse.Named("release", release))
	return there, err
}

// Periods is the periods that each series of totals (a measure, an area and a
// basis; the rest of the key is empty) has figures or markers of: as they are
// served now, and as they would be served with the release. The series are all
// of the measures that the release has, so that an area that it leaves out is
// among them.
func Periods(ctx context.Context, conn driver.Conn, source, release string) (now, then map[stats.Key][]stats.Period, err error) {
	now, then = map[stats.Key][]stats.Period{}, map[stats.Key][]stats.Period{}
	err = each(ctx, conn, "which periods the file has", `
		WITH `+servedNow+`, `+writtenTarget+`
		SELECT measure, toString(area_code) AS area, basis, period_start, period_end, countIf(release_id != {release:String}) > 0 AS is_served,
		       countIf(release_id = {release:String} OR slice NOT IN (SELECT slice FROM target)) > 0 AS will_be
		FROM observations
		WHERE source = {source:String} AND breakdown = ''
		  AND measure IN (SELECT measure FROM observations WHERE release_id = {release:String})
		  AND (release_id = {release:String} OR (slice, release_id) IN (SELECT slice, release_id FROM served_now))
		GROUP BY measure, area, basis, period_start, period_end`, func(rows driver.Rows) error {
		var series stats.Key
		var p stats.Period
		var isServed, willBe bool
		err := rows.Scan(&series.Measure, &series.Area, &series.Basis, &p.Start, &p.End, &isServed, &willBe)
		if isServed {
			now[series] = append(now[series], days(p))
		}
		if willBe {
			then[series] = append(then[series], days(p))
		}
		return err
	}, clickhouse.Named("source", source), clickhouse.Named("release", release))
	return now, then, err
}

// WrongTotals is the totals of a release that differ from their parts in it:
// the values of a breakdown, of which there are at least two, or the months or
// quarters that make up a longer period. Where a part is not known the total
// only may not be smaller than the others. apart are the measures whose periods
// do not add up, as those of people do not, since one may be in each; whole those
// of which nothing does, as of a median. The first most are given.
func WrongTotals(ctx context.Context, conn driver.Conn, release string, apart, whole []string, most int) ([]stats.Total, error) {
	var wrong []stats.Total
	err := each(ctx, conn, "whether totals equal their parts", `
		WITH
			figures AS (SELECT measure, area_code, basis, period_start, period_end, breakdown, value, source_row FROM observations WHERE release_id = {release:String} AND measure NOT IN {whole:Array(String)}),
			-- What has parts is at least twice as long as the shortest period of its series:
			-- else each of many days would be held against every other.
			totals AS
			(
				SELECT *, min(period_end - period_start) OVER (PARTITION BY measure, area_code, basis) AS shortest
				FROM figures WHERE breakdown = '' AND value IS NOT NULL
			),
			-- A month may stand whole and in parts: it is counted once.
			spans AS
			(
				SELECT measure, area_code, basis, groupArray((period_start, period_end)) AS months
				FROM totals WHERE period_end - period_start <= 31 AND period_end - period_start > shortest GROUP BY measure, area_code, basis
			),
			pieces AS
			(
				SELECT t.measure AS measure, t.area_code AS area_code, t.basis AS basis, t.period_start AS period_start, t.period_end AS period_end, t.value AS value
				FROM totals AS t
				LEFT JOIN spans AS s ON s.measure = t.measure AND s.area_code = t.area_code AND s.basis = t.basis
				WHERE t.measure NOT IN {apart:Array(String)}
				  AND NOT arrayExists(m -> m.1 <= t.period_start AND m.2 >= t.period_end AND (m.1 < t.period_start OR m.2 > t.period_end) , s.months)
			)
		SELECT measure, area_code, basis, period_start, period_end, breakdown, total, parts, total_row
		FROM
		(
			SELECT p.measure AS measure, p.area_code AS area_code, p.basis AS basis, p.period_start AS period_start, p.period_end AS period_end,
			       p.breakdown AS breakdown, any(t.value) AS total, any(t.source_row) AS total_row, ifNull(sum(p.value), 0) AS parts,
			       countIf(p.value IS NULL) AS unknown, count() AS number_of_parts
			FROM figures AS p
			INNER JOIN totals AS t ON t.measure = p.measure AND t.area_code = p.area_code AND t.basis = p.basis
			    AND t.period_start = p.period_start AND t.period_end = p.period_end
			WHERE p.breakdown != ''
			GROUP BY p.measure, p.area_code, p.basis, p.period_start, p.period_end, p.breakdown
			UNION ALL
			SELECT t.measure, t.area_code, t.basis, t.period_start, t.period_end, '', t.value, t.source_row, sum(p.value), toUInt64(0), count()
			FROM (SELECT * FROM totals WHERE period_end - period_start + 1 >= 2 * (shortest + 1)) AS t
			INNER JOIN pieces AS p ON t.measure = p.measure AND t.area_code = p.area_code AND t.basis = p.basis
			WHERE p.period_start >= t.period_start AND p.period_end <= t.period_end AND p.period_end - p.period_start < t.period_end - t.period_start
			  AND p.period_end - p.period_start <= 92
			GROUP BY t.measure, t.area_code, t.basis, t.period_start, t.period_end, t.value, t.source_row, p.period_end - p.period_start > 31
			HAVING sum(p.period_end - p.period_start + 1) = t.period_end - t.period_start + 1
		)
		WHERE parts > total OR unknown = 0 AND number_of_parts > 1 AND parts != total
		ORDER BY total_row, breakdown
		LIMIT {most:UInt32}`, func(rows driver.Rows) error {
		var w stats.Total
		var row uint32
		err := rows.Scan(&w.Measure, &w.Area, &w.Basis, &w.Period.Start, &w.Period.End, &w.Of, &w.Number, &w.Parts, &row)
		w.Period, w.Row = days(w.Period), int(row)
		wrong = append(wrong, w)
		return err
	}, clickhouse.Named("release", release), clickhouse.Named("apart", list(apart)), clickhouse.Named("whole", list(whole)), clickhouse.Named("most", most))
	return wrong, err
}

// manyFor is how large the larger of two figures must be at least, in units of
// the factor, before their ratio means anything: with fewer than ten, chance
// alone makes large factors.
const manyFor = 10

// Jumps is the figures of a release that differ by the factor or more from
// what is served of them, or from the same days of the year before. Falls are
// looked at from smaller counts on than rises: a source that has nothing often
// prints 0. By chance alone, 20 become 0 once in a million times and 30 become
// 6 once in ten thousand (the exact test of two counts, Przyborowski and
// Wilenski, Biometrika 31, 1940). The first
// most are given, the largest first.
func Jumps(ctx context.Context, conn driver.Conn, source, release string, factor float64, most int) ([]stats.Jump, error) {
	var jumps []stats.Jump
	err := each(ctx, conn, "how far figures are from what they were", `
		WITH `+servedNow+`, `+writtenTarget+`,
			written AS (SELECT * FROM observations WHERE release_id = {release:String} AND value IS NOT NULL),
			others AS
			(
				SELECT `+figureKey+`, value FROM observations
				WHERE source = {source:String} AND value IS NOT NULL
				  AND (release_id = {release:String} OR (slice, release_id) IN (
				      SELECT slice, release_id FROM served_now WHERE slice NOT IN (SELECT slice FROM target)))
			)
		SELECT measure, area_code, basis, period_start, period_end, breakdown, breakdown_value, before, now, than_start, than_end, source_row
		FROM
		(
			SELECT `+figureKey+`, assumeNotNull(former_value) AS before, assumeNotNull(value) AS now,
			       period_start AS than_start, period_end AS than_end, source_row
			FROM revisions
			WHERE run_id = {release:String} AND change = 'changed' AND value IS NOT NULL AND former_value IS NOT NULL
			  -- What was withdrawn is no figure to be held to.
			  AND former_release_id IN (SELECT release_id FROM served_now)
			UNION ALL
			SELECT w.measure, w.area_code, w.basis, w.period_start, w.period_end, w.breakdown, w.breakdown_value,
			       assumeNotNull(o.value), assumeNotNull(w.value), o.period_start, o.period_end, w.source_row
			FROM written AS w
			INNER JOIN others AS o ON o.measure = w.measure AND o.area_code = w.area_code AND o.basis = w.basis
			    AND o.breakdown = w.breakdown AND o.breakdown_value = w.breakdown_value
			    AND o.period_start = addYears(w.period_start, -1)
			    AND o.period_end = if(toLastDayOfMonth(w.period_end) = w.period_end, toLastDayOfMonth(addYears(w.period_end, -1)), addYears(w.period_end, -1))
		)
		WHERE greatest(abs(before), abs(now)) >= {factor:Float64} * greatest(least(abs(before), abs(now)), {floor:Float64})
		   OR before >= 30 AND now * {factor:Float64} <= before
		   OR before >= 20 AND now = 0
		ORDER BY greatest(abs(before), abs(now)) / greatest(least(abs(before), abs(now)), 1) DESC, source_row
		LIMIT {most:UInt32}`, func(rows driver.Rows) error {
		var j stats.Jump
		var row uint32
		err := rows.Scan(&j.Measure, &j.Area, &j.Basis, &j.Period.Start, &j.Period.End, &j.Breakdown, &j.BreakdownValue,
			&j.Before, &j.Now, &j.Than.Start, &j.Than.End, &row)
		j.Period, j.Than = days(j.Period), days(j.Than)
		j.Row = int(row)
		jumps = append(jumps, j)
		return err
	}, clickhouse.Named("source", source), clickhouse.Named("release", release), clickhouse.Named("factor", factor),
		clickhouse.Named("floor", float64(manyFor)), clickhouse.Named("most", most))
	return jumps, err
}

// ServedFiles is the names of the files that serve now what a release is to
// replace.
func ServedFiles(ctx context.Context, conn driver.Conn, source, release string) ([]string, error) {
	var files []string
	err := each(ctx, conn, "which files are served", `
		WITH `+servedNow+`, `+writtenTarget+`
		SELECT DISTINCT file FROM releases
		WHERE release_id IN (SELECT release_id FROM served_now WHERE slice IN (SELECT slice FROM target))
		ORDER BY file`, func(rows driver.Rows) error {
		var file string
		err := rows.Scan(&file)
		files = append(files, file)
		return err
	}, clickhouse.Named("source", source), clickhouse.Named("release", release))
	return files, err
}

func days(p stats.Period) stats.Period { return stats.Period{Start: dayOf(p.Start), End: dayOf(p.End)} }

// dayOf is the day of a ClickHouse Date, in whatever zone the driver gave it.
func dayOf(t time.Time) time.Time { return stats.Day(t.Year(), t.Month(), t.Day()) }

// each asks and hands every row of the answer to scan; what says what is asked.
func each(ctx context.Context, conn driver.Conn, what, sql string, scan func(driver.Rows) error, named ...any) error {
	rows, err := conn.Query(ctx, sql, named...)
	if err != nil {
		return fmt.Errorf("look up %s: %w", what, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("look up %s: %w", what, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("look up %s: %w", what, err)
	}
	return nil
}
