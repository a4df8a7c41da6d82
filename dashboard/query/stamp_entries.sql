-- How much people have put in on the pages: rows are only ever added.
SELECT 'annotations' AS name, true AS entries, count() AS stamp FROM annotations
UNION ALL
SELECT 'progress_entries', true, count() FROM progress_entries
