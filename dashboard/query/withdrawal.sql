WITH
    -- A release that was withdrawn itself does not come back.
    withdrawn AS
    (
        SELECT of_run
        FROM runs
        WHERE source = {source:String} AND kind = 'withdrawal'
          AND run_id IN (SELECT run_id FROM published WHERE source = {source:String})
    ),
    target AS
    (
        SELECT p.slice AS slice,
               argMaxIf(p.release_id, (p.published_at, p.release_id), p.published_at < s.since AND p.release_id NOT IN (SELECT of_run FROM withdrawn)) AS release_id
        FROM published AS p
        INNER JOIN
        (
            SELECT slice, min(published_at) AS since
            FROM published
            WHERE source = {source:String} AND release_id = {release:String}
            GROUP BY slice
        ) AS s ON s.slice = p.slice
        WHERE p.source = {source:String} AND p.slice IN
        (
            SELECT slice
            FROM served(as_at = {as_at:DateTime64(6, 'UTC')})
            WHERE source = {source:String} AND release_id = {release:String}
        )
        GROUP BY p.slice
    )
SELECT t.slice, t.release_id, r.file, r.first_published
FROM target AS t
LEFT JOIN
(
    SELECT p.release_id AS release_id, any(e.file) AS file, min(p.published_at) AS first_published
    FROM published AS p
    INNER JOIN releases AS e ON e.release_id = p.release_id
    WHERE p.source = {source:String}
    GROUP BY p.release_id
) AS r ON r.release_id = t.release_id
ORDER BY t.slice
SETTINGS join_use_nulls = 0
