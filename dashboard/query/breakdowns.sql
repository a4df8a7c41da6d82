-- The breakdowns that the figures of some releases have.
SELECT DISTINCT breakdown
FROM observations
WHERE release_id IN {releases:Array(String)} AND breakdown != ''
ORDER BY breakdown
