SELECT r.release_id, r.source, r.file, r.fetched_from, r.sha256, r.retrieved_at, min(p.published_at)
FROM releases AS r
INNER JOIN published AS p ON p.release_id = r.release_id
WHERE r.release_id = {release:String}
GROUP BY r.release_id, r.source, r.file, r.fetched_from, r.sha256, r.retrieved_at
LIMIT 1
