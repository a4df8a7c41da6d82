-- What tells one state of the tables from another: rows are only ever added to
-- them, and no two publications of a source have one time. Entries are what
-- people put in on the pages.
SELECT 'published' AS name, false AS entries, sum(cityHash64(published_at, release_id)) AS stamp FROM published
UNION ALL
SELECT 'runs', false, count() FROM runs
UNION ALL
SELECT 'annotations', true, count() FROM annotations
UNION ALL
SELECT 'progress_entries', true, count() FROM progress_entries
