-- What was downloaded in some days, the newest first.
SELECT download_id, began_at, user_id, channel, report, filters, audience, row_count, byte_count, sha256, complete, took_us
FROM downloads
WHERE began_at >= {from:DateTime64(6, 'UTC')} AND began_at < {until:DateTime64(6, 'UTC')}
ORDER BY began_at DESC, download_id DESC
