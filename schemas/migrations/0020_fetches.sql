CREATE TABLE IF NOT EXISTS fetches
(
    source LowCardinality(String),
    address String,
    fetched_at DateTime64(6, 'UTC'),
    run_id String,
    sha256 String,
    etag String,
    last_modified String
)
ENGINE = MergeTree
ORDER BY (source, address, fetched_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
