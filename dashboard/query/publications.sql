-- What was put before the published audience under the same rules, and in what order.
SELECT publication_id, former_id, stamp, as_at, made_at
FROM disclosure_publications
WHERE threshold = {threshold:UInt32} AND rounding = {rounding:UInt32} AND method = {method:UInt32}
ORDER BY made_at, publication_id
