CREATE TABLE IF NOT EXISTS backups
(
    backup_id String,
    began_at DateTime64(6, 'UTC'),
    ended_at DateTime64(6, 'UTC'),
    asked_by String,
    outcome LowCardinality(String),
    as_at DateTime64(6, 'UTC'),
    figures UInt64,
    byte_count UInt64,
    added_bytes UInt64,
    problem String
)
ENGINE = MergeTree
ORDER BY (began_at, backup_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
