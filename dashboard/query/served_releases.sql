SELECT s.source, s.release_id, any(r.file), any(r.fetched_from), any(r.sha256), any(r.retrieved_at), max(s.slice_published_at) AS last_published, uniqExact(s.slice)
FROM served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
INNER JOIN releases AS r ON r.release_id = s.release_id
GROUP BY s.source, s.release_id
ORDER BY s.source, last_published DESC, s.release_id
