-- What the runs of each source came to, and how new the files are that serve it.
-- A dry run, a withdrawal and a run that was skipped are no load; of loads some do
-- not tell how the source stands.
WITH
    ended_runs AS
    (
        SELECT run_id, source, argMax(outcome, recorded_at) AS last_outcome, argMax(kind, recorded_at) AS last_kind,
               any(started_at) AS started, ifNull(argMax(tuple(ended_at), recorded_at).1, started) AS ended,
               argMax(loaded_rows, recorded_at) AS loaded, argMax(excluded_rows, recorded_at) AS excluded, argMax(rejected_rows, recorded_at) AS rejected,
               last_kind = 'load' AND last_outcome != 'skipped' AS is_load, run_id IN (SELECT run_id FROM telling_runs) AS tells
        FROM runs
        GROUP BY run_id, source
        HAVING last_outcome != 'running'
    ),
    serving AS
    (
        SELECT p.source AS source, max(p.slice_published_at) AS since, max(f.retrieved_at) AS newest
        FROM served(as_at = {as_at:DateTime64(6, 'UTC')}) AS p
        LEFT JOIN releases AS f ON f.release_id = p.release_id
        GROUP BY p.source
    )
SELECT
    r.source AS source,
    argMaxIf(run_id, (started, run_id), tells), argMaxIf(last_outcome, (started, run_id), tells),
    argMaxIf(started, (started, run_id), tells), argMaxIf(ended, (started, run_id), tells),
    maxIf(ended, is_load AND last_outcome IN ('published', 'unchanged')),
    any(s.since), any(s.newest),
    source IN (SELECT source FROM recommendations UNION DISTINCT SELECT source FROM recommendation_progress),
    sumMap(map(toString(last_outcome), toUInt64(1))),
    sumIf(loaded, is_load), sumIf(excluded, is_load), sumIf(rejected, is_load)
FROM ended_runs AS r
LEFT JOIN serving AS s ON s.source = r.source
GROUP BY r.source
ORDER BY r.source
