-- Which release serves each slice at a time, by which run and since when, and
-- for how many slices the release was ever published.
SELECT s.source, s.slice, s.release_id, s.slice_published_at, s.publishing_run_id, b.slices AS brought,
       r.release_id != '' AS recorded, r.file, r.fetched_from, r.sha256, r.retrieved_at
FROM served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
INNER JOIN (SELECT source, release_id, uniqExact(slice) AS slices FROM published GROUP BY source, release_id) AS b
    ON b.source = s.source AND b.release_id = s.release_id
LEFT JOIN
(
    SELECT release_id, any(file) AS file, any(fetched_from) AS fetched_from, any(sha256) AS sha256, any(retrieved_at) AS retrieved_at
    FROM releases
    GROUP BY release_id
) AS r ON r.release_id = s.release_id
ORDER BY s.source, s.release_id, s.slice
SETTINGS join_use_nulls = 0
