SELECT r.release_id, r.source, r.file, r.fetched_from, r.sha256, r.retrieved_at, p.first_published, p.brought,
       s.serves, w.run_id, w.ended, w.asked_by, w.why
FROM
(
    SELECT release_id, source, any(file) AS file, any(fetched_from) AS fetched_from, any(sha256) AS sha256, any(retrieved_at) AS retrieved_at
    FROM releases
    WHERE source = {source:String}
    GROUP BY release_id, source
) AS r
INNER JOIN
(
    SELECT release_id, min(published_at) AS first_published, arraySort(groupUniqArray(slice)) AS brought
    FROM published
    WHERE source = {source:String} AND release_id != ''
    GROUP BY release_id
) AS p ON p.release_id = r.release_id
LEFT JOIN
(
    SELECT release_id, arraySort(groupArray(slice)) AS serves
    FROM served(as_at = {as_at:DateTime64(6, 'UTC')})
    WHERE source = {source:String}
    GROUP BY release_id
) AS s ON s.release_id = r.release_id
LEFT JOIN
(
    SELECT withdrawn, argMax(run, ended_or_not) AS run_id, max(ended_or_not) AS ended, argMax(who, ended_or_not) AS asked_by, argMax(reason, ended_or_not) AS why
    FROM
    (
        SELECT run_id AS run, argMax(of_run, recorded_at) AS withdrawn, argMax(asked_by, recorded_at) AS who, argMax(why, recorded_at) AS reason,
               ifNull(argMax(ended_at, recorded_at), any(started_at)) AS ended_or_not
        FROM runs
        WHERE source = {source:String} AND kind = 'withdrawal'
        GROUP BY run_id
        HAVING argMax(outcome, recorded_at) = 'published'
    )
    GROUP BY withdrawn
) AS w ON w.withdrawn = r.release_id
ORDER BY p.first_published DESC, r.release_id DESC
SETTINGS join_use_nulls = 0
