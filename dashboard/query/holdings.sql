-- Which counts each release has figures of.
SELECT release_id, groupUniqArray(toString(measure)) AS measures
FROM observations
WHERE release_id IN {releases:Array(String)}
GROUP BY release_id
