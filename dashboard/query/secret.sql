-- What chance is drawn with in what is published: the first that was kept.
SELECT secret
FROM disclosure_secret
ORDER BY made_at, secret
LIMIT 1
