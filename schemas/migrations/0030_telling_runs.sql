CREATE OR REPLACE VIEW telling_runs AS
SELECT run_id, any(source) AS source, any(started_at) AS started_at, argMax(outcome, recorded_at) AS last_outcome
FROM runs
GROUP BY run_id
HAVING argMax(kind, recorded_at) = 'load' AND last_outcome != 'skipped'
   AND NOT (any(other_file) AND last_outcome IN ('rejected', 'failed', 'interrupted'))
