CREATE OR REPLACE VIEW served AS
SELECT
    p.source AS source,
    p.slice AS slice,
    argMax(p.release_id, (p.published_at, p.release_id)) AS release_id,
    max(p.published_at) AS slice_published_at,
    argMax(p.run_id, (p.published_at, p.release_id)) AS publishing_run_id
FROM published AS p
WHERE p.published_at <= {as_at:DateTime64(6, 'UTC')}
GROUP BY p.source, p.slice
HAVING release_id != ''
