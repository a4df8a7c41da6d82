-- When the newest release came to serve anything, or the last ceased to.
SELECT max(published_at) FROM published
