SELECT r.request_id, r.asked_at, r.kind, r.source, r.run_id, r.release_id, r.upload_id, r.file, r.dry_run, r.who, r.why,
       a.answered, a.last_state, a.runs, a.last_problem
FROM requests AS r
LEFT JOIN
(
    SELECT request_id, max(answered_at) AS answered, argMax(state, answered_at) AS last_state,
           argMax(run_ids, answered_at) AS runs, argMax(problem, answered_at) AS last_problem
    FROM request_answers
    GROUP BY request_id
) AS a ON a.request_id = r.request_id
WHERE ({request:String} = '' OR r.request_id = {request:String})
  AND ({source:String} = '' OR r.source = {source:String} AND a.last_state NOT IN ('done', 'refused'))
ORDER BY r.asked_at DESC, r.request_id
LIMIT 20
