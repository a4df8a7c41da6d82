-- Who did what in some days, the newest first: what the audit has, and every download.
SELECT act_id, at, user_id, channel, action, about, outcome, made
FROM
(
    SELECT act_id, at, user_id, channel, action, about, outcome, made
    FROM audit
    WHERE at >= {from:DateTime64(6, 'UTC')} AND at < {until:DateTime64(6, 'UTC')}
    UNION ALL
    SELECT download_id AS act_id, began_at AS at, user_id, channel, 'download' AS action,
        if(filters = '', report, concat(report, '?', filters)) AS about, if(complete, 'done', 'failed') AS outcome, '' AS made
    FROM downloads
    WHERE began_at >= {from:DateTime64(6, 'UTC')} AND began_at < {until:DateTime64(6, 'UTC')}
)
WHERE {user:String} = '' OR user_id = {user:String}
ORDER BY at DESC, act_id DESC
