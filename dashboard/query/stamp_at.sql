-- What was ever published by a time: see stamp_published.sql.
SELECT sum(cityHash64(published_at, release_id)), max(published_at)
FROM published
WHERE published_at <= {as_at:DateTime64(6, 'UTC')}
