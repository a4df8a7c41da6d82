-- What runs that published changed and took away, the newest run first. A run
-- that was held or only checked is not in published, and its rows are not here.
WITH
    publications AS
    (
        SELECT run_id, source, min(published_at) AS published_at
        FROM published
        GROUP BY run_id, source
        HAVING published_at >= {since:DateTime64(6, 'UTC')}
    ),
    told AS
    (
        SELECT *
        FROM revisions AS v
        WHERE v.change IN ('changed', 'gone') AND v.run_id IN (SELECT run_id FROM publications) AND (v.run_id, v.source) IN (SELECT run_id, source FROM publications)
          AND (empty({sources:Array(String)}) OR v.source IN {sources:Array(String)})
          AND (empty({measures:Array(String)}) OR v.measure IN {measures:Array(String)})
          AND (empty({areas:Array(String)}) OR v.area_code IN {areas:Array(String)})
    ),
    -- Which release a slice of such a run serves: a withdrawal brings back another than its own.
    publications_slices AS
    (
        SELECT run_id, source, slice, any(release_id) AS release_id
        FROM published
        WHERE run_id IN (SELECT run_id FROM told)
        GROUP BY run_id, source, slice
    ),
    made_up AS
    (
        SELECT release_id, source, measure, area_code, basis, period_start, period_end, breakdown, breakdown_value
        FROM observations
        WHERE release_id IN (SELECT former_release_id FROM told UNION DISTINCT SELECT release_id FROM publications_slices)
          AND measure IN (SELECT measure FROM told) AND (empty({areas:Array(String)}) OR area_code IN {areas:Array(String)}) AND note != '' AND has(splitByString('; ', note), {demonstration:String})
    )
SELECT
    v.run_id AS run, v.source AS source, v.change AS change, v.measure AS measure, v.area_code AS area, v.basis AS basis,
    v.period_start AS first_day, v.period_end AS last_day, v.breakdown AS dimension, v.breakdown_value AS part,
    v.former_release_id, v.former_value AS former_value, v.former_value_note, v.former_file, v.former_sheet, v.former_row,
    v.value AS value, v.value_note, v.file, v.sheet, v.source_row,
    p.published_at AS at, k.kind AS kind,
    (v.former_release_id, v.source, v.measure, v.area_code, v.basis, v.period_start, v.period_end, v.breakdown, v.breakdown_value) IN made_up
    OR (s.release_id, v.source, v.measure, v.area_code, v.basis, v.period_start, v.period_end, v.breakdown, v.breakdown_value) IN made_up AS demonstration
FROM told AS v
INNER JOIN publications AS p ON p.run_id = v.run_id AND p.source = v.source
LEFT JOIN publications_slices AS s ON s.run_id = v.run_id AND s.source = v.source AND s.slice = v.slice
LEFT JOIN (SELECT run_id, any(kind) AS kind FROM runs GROUP BY run_id) AS k ON k.run_id = v.run_id
ORDER BY at DESC, run DESC, source, change, measure, area, basis, first_day, last_day, dimension, part
SETTINGS join_use_nulls = 0
