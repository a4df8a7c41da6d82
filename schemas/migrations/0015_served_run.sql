CREATE OR REPLACE VIEW served AS
SELECT
    source,
    slice,
    argMax(release_id, (published_at, release_id)) AS release_id,
    max(published_at) AS slice_published_at,
    argMax(run_id, (published_at, release_id)) AS publishing_run_id
FROM published
WHERE published_at <= {as_at:DateTime64(6, 'UTC')}
GROUP BY source, slice
HAVING release_id != ''
