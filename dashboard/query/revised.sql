-- The figures whose value a serving run changed, by run: another marker alone
-- is no revision. A figure is told by the hash that figures.sql makes of it.
SELECT run_id, cityHash64(source, measure, area_code, basis, period_start, period_end, breakdown, breakdown_value) AS figure
FROM revisions
WHERE run_id IN {runs:Array(String)} AND change = 'changed' AND ifNull(toString(value), '') != ifNull(toString(former_value), '')
ORDER BY run_id, figure
