-- The last day that the known figures cover which sources serve. What is not
-- served any more covers nothing.
SELECT source, max(period_end)
FROM observations
WHERE release_id IN (SELECT release_id FROM served(as_at = {as_at:DateTime64(6, 'UTC')}) WHERE source IN {sources:Array(String)})
  AND (source, slice, release_id) IN (SELECT source, slice, release_id FROM served(as_at = {as_at:DateTime64(6, 'UTC')}) WHERE source IN {sources:Array(String)})
  AND value IS NOT NULL
GROUP BY source
