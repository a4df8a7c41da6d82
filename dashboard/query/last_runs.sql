SELECT run_id, source, last_outcome, started, ended, release, file, fetched_from, sha256, read_rows, loaded_rows, excluded_rows,
       rejected_rows, reasons, numbers, problem, last_kind, of_run, asked_by, why, new_figures, changed_figures, gone_figures,
       check_names, check_outcomes, check_says, log_times, log_says, of_other_file,
       maxIf(ifNull(ended, started), last_kind = 'load' AND last_outcome IN ('published', 'unchanged')) OVER (PARTITION BY source) AS last_success,
       run_id IN (SELECT run_id FROM telling_runs) AS tells
FROM
(
    SELECT run_id, source, argMax(outcome, recorded_at) AS last_outcome, any(started_at) AS started,
           argMax(tuple(ended_at), recorded_at).1 AS ended, argMax(release_id, recorded_at) AS release, argMax(file, recorded_at) AS file,
           argMax(fetched_from, recorded_at) AS fetched_from, argMax(sha256, recorded_at) AS sha256, argMax(read_rows, recorded_at) AS read_rows,
           argMax(loaded_rows, recorded_at) AS loaded_rows, argMax(excluded_rows, recorded_at) AS excluded_rows,
           argMax(rejected_rows, recorded_at) AS rejected_rows,
           argMax(arrayMap(e -> e.1, exclusions), recorded_at) AS reasons, argMax(arrayMap(e -> e.2, exclusions), recorded_at) AS numbers,
           argMax(problem, recorded_at) AS problem,
           argMax(kind, recorded_at) AS last_kind, argMax(of_run, recorded_at) AS of_run, argMax(asked_by, recorded_at) AS asked_by,
           argMax(why, recorded_at) AS why, argMax(new_figures, recorded_at) AS new_figures,
           argMax(changed_figures, recorded_at) AS changed_figures, argMax(gone_figures, recorded_at) AS gone_figures,
           argMax(arrayMap(c -> c.1, checks), recorded_at) AS check_names, argMax(arrayMap(c -> c.2, checks), recorded_at) AS check_outcomes,
           argMax(arrayMap(c -> c.3, checks), recorded_at) AS check_says,
           argMax(arrayMap(l -> l.1, log), recorded_at) AS log_times, argMax(arrayMap(l -> l.2, log), recorded_at) AS log_says, argMax(other_file, recorded_at) AS of_other_file
    FROM runs
    GROUP BY run_id, source
)
-- Of the runs that were made together, one for each new file, the worst tells.
ORDER BY source, tells DESC,
         run_id IN (
             SELECT run_id FROM runs
             WHERE outcome IN ('held', 'rejected', 'failed', 'interrupted') AND pass != '' AND (source, pass) IN (
                 SELECT source, argMax(pass, (started_at, run_id)) FROM runs
                 WHERE outcome != 'running' AND run_id IN (SELECT run_id FROM telling_runs) GROUP BY source)) DESC,
         started DESC, run_id DESC
LIMIT 1 BY source
