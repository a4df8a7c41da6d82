CREATE TABLE IF NOT EXISTS uploads
(
    upload_id String,
    part UInt32,
    uploaded_at DateTime64(6, 'UTC'),
    bytes String
)
ENGINE = MergeTree
ORDER BY (upload_id, part)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
