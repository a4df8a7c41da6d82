-- The permanent links, the newest first, or the one that is asked for, each
-- with its first withdrawal.
SELECT permalink_id, made_at, who, why, filters, in_words, audience, as_at, publication_id, row_count, byte_count, sha256,
       metadata_sha256, sources.1, sources.2, sources.3, sources.4, sources.5, sources.6, version, first_at, by_whom, because
FROM permalinks
LEFT JOIN
(
    SELECT permalink_id, min(withdrawn_at) AS first_at, argMin(who, withdrawn_at) AS by_whom, argMin(why, withdrawn_at) AS because
    FROM permalink_withdrawals
    GROUP BY permalink_id
) AS withdrawn USING (permalink_id)
WHERE {permalink:String} = '' OR permalink_id = {permalink:String}
ORDER BY made_at DESC, permalink_id DESC
LIMIT {limit:UInt32}
