-- What published runs did to figures that are named by every part of their
-- keys, the oldest first: when each came, was changed, was taken away.
WITH
    publications AS
    (
        SELECT run_id, source, min(published_at) AS published_at
        FROM published
        WHERE source = {source:String}
        GROUP BY run_id, source
    ),
    told AS
    (
        SELECT *
        FROM revisions
        WHERE source = {source:String} AND basis = {basis:String}
          AND breakdown = {breakdown:String} AND breakdown_value = {breakdown_value:String}
          AND measure IN {measures:Array(String)} AND area_code IN {areas:Array(String)}
          AND concat(toString(period_start), '/', toString(period_end)) IN {periods:Array(String)}
    ),
    -- Only what a figure was can have been made up and be so no more: the page has the figure itself.
    made_up AS
    (
        SELECT release_id, measure, area_code, period_start, period_end
        FROM observations
        WHERE release_id IN (SELECT former_release_id FROM told) AND measure IN {measures:Array(String)} AND area_code IN {areas:Array(String)}
          AND basis = {basis:String} AND breakdown = {breakdown:String} AND breakdown_value = {breakdown_value:String}
          AND has(splitByString('; ', note), {demonstration:String})
    )
SELECT
    v.run_id AS run, v.source AS source, v.change AS change, v.measure AS measure, v.area_code AS area, v.basis AS basis,
    v.period_start AS first_day, v.period_end AS last_day, v.breakdown AS dimension, v.breakdown_value AS part,
    v.former_release_id, v.former_value, v.former_value_note, v.former_file, v.former_sheet, v.former_row,
    v.value, v.value_note, v.file, v.sheet, v.source_row,
    p.published_at AS at, k.kind AS kind,
    (v.former_release_id, v.measure, v.area_code, v.period_start, v.period_end) IN made_up AS demonstration
FROM told AS v
INNER JOIN publications AS p ON p.run_id = v.run_id AND p.source = v.source
LEFT JOIN (SELECT run_id, any(kind) AS kind FROM runs GROUP BY run_id) AS k ON k.run_id = v.run_id
ORDER BY at, run, measure, area, first_day, last_day
SETTINGS join_use_nulls = 0
