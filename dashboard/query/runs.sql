SELECT run_id, source, argMax(outcome, recorded_at) AS last_outcome, any(started_at) AS started,
       argMax(tuple(ended_at), recorded_at).1 AS ended, argMax(release_id, recorded_at), argMax(file, recorded_at),
       argMax(fetched_from, recorded_at), argMax(sha256, recorded_at), argMax(read_rows, recorded_at),
       argMax(loaded_rows, recorded_at), argMax(excluded_rows, recorded_at), argMax(rejected_rows, recorded_at),
       argMax(arrayMap(e -> e.1, exclusions), recorded_at), argMax(arrayMap(e -> e.2, exclusions), recorded_at),
       argMax(problem, recorded_at),
       argMax(kind, recorded_at), argMax(of_run, recorded_at), argMax(asked_by, recorded_at), argMax(why, recorded_at),
       argMax(new_figures, recorded_at), argMax(changed_figures, recorded_at), argMax(gone_figures, recorded_at),
       argMax(arrayMap(c -> c.1, checks), recorded_at), argMax(arrayMap(c -> c.2, checks), recorded_at), argMax(arrayMap(c -> c.3, checks), recorded_at),
       argMax(arrayMap(l -> l.1, log), recorded_at), argMax(arrayMap(l -> l.2, log), recorded_at), argMax(other_file, recorded_at)
FROM runs
WHERE ({source:String} = '' OR source = {source:String}) AND ({run:String} = '' OR run_id = {run:String})
GROUP BY run_id, source
ORDER BY started DESC, run_id DESC
LIMIT {limit:UInt32}
