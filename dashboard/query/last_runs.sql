SELECT run_id, source, last_outcome, started, ended, release, file, fetched_from, sha256, read_rows, loaded_rows, excluded_rows,
       rejected_rows, reasons, numbers, problem,
       maxIf(ifNull(ended, started), last_outcome IN ('published', 'unchanged')) OVER (PARTITION BY source) AS last_success
FROM
(
    SELECT run_id, source, argMax(outcome, recorded_at) AS last_outcome, any(started_at) AS started,
           argMax(tuple(ended_at), recorded_at).1 AS ended, argMax(release_id, recorded_at) AS release, argMax(file, recorded_at) AS file,
           argMax(fetched_from, recorded_at) AS fetched_from, argMax(sha256, recorded_at) AS sha256, argMax(read_rows, recorded_at) AS read_rows,
           argMax(loaded_rows, recorded_at) AS loaded_rows, argMax(excluded_rows, recorded_at) AS excluded_rows,
           argMax(rejected_rows, recorded_at) AS rejected_rows,
           argMax(arrayMap(e -> e.1, exclusions), recorded_at) AS reasons, argMax(arrayMap(e -> e.2, exclusions), recorded_at) AS numbers,
           argMax(problem, recorded_at) AS problem
    FROM runs
    GROUP BY run_id, source
)
ORDER BY source, started DESC, run_id DESC
LIMIT 1 BY source
