SELECT DISTINCT source
FROM served(as_at = {as_at:DateTime64(6, 'UTC')})
WHERE release_id IN (SELECT DISTINCT release_id FROM observations)
ORDER BY source
