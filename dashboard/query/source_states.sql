-- What the runs of each source came to. A dry run and a withdrawal say nothing
-- of how fresh a source is, nor does a run that was skipped.
WITH
    ended_runs AS
    (
        SELECT run_id, source, argMax(outcome, recorded_at) AS last_outcome, argMax(kind, recorded_at) AS last_kind,
               any(started_at) AS started, ifNull(argMax(tuple(ended_at), recorded_at).1, started) AS ended,
               argMax(loaded_rows, recorded_at) AS loaded, argMax(excluded_rows, recorded_at) AS excluded, argMax(rejected_rows, recorded_at) AS rejected,
               last_kind = 'load' AND last_outcome != 'skipped' AS is_load
        FROM runs
        GROUP BY run_id, source
        HAVING last_outcome != 'running'
    ),
    serving AS
    (
        SELECT source, max(slice_published_at) AS since
        FROM served(as_at = {as_at:DateTime64(6, 'UTC')})
        GROUP BY source
    )
SELECT
    r.source AS source,
    argMaxIf(run_id, (started, run_id), is_load), argMaxIf(last_outcome, (started, run_id), is_load),
    argMaxIf(started, (started, run_id), is_load), argMaxIf(ended, (started, run_id), is_load),
    maxIf(ended, is_load AND last_outcome IN ('published', 'unchanged')),
    any(s.since),
    source IN (SELECT source FROM recommendations UNION DISTINCT SELECT source FROM recommendation_progress),
    sumMap(map(toString(last_outcome), toUInt64(1))),
    sumIf(loaded, is_load), sumIf(excluded, is_load), sumIf(rejected, is_load)
FROM ended_runs AS r
LEFT JOIN serving AS s ON s.source = r.source
GROUP BY r.source
ORDER BY r.source
