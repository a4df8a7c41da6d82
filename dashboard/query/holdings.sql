-- How many figures of each count each release has.
SELECT release_id, toString(measure) AS measure, count() AS figures
FROM observations
WHERE release_id IN {releases:Array(String)}
GROUP BY release_id, measure
