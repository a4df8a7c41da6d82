CREATE TABLE IF NOT EXISTS requests
(
    request_id String,
    asked_at DateTime64(6, 'UTC'),
    kind LowCardinality(String),
    source LowCardinality(String),
    run_id String,
    release_id String,
    upload_id String,
    file String,
    dry_run Bool,
    who String,
    why String
)
ENGINE = MergeTree
ORDER BY (request_id, asked_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
