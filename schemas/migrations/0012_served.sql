CREATE VIEW IF NOT EXISTS served AS
SELECT
    source,
    slice,
    argMax(release_id, (published_at, release_id)) AS release_id,
    max(published_at) AS slice_published_at
FROM published
WHERE published_at <= {as_at:DateTime64(6, 'UTC')}
GROUP BY source, slice
