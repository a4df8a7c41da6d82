CREATE TABLE IF NOT EXISTS downloads
(
    download_id String,
    began_at DateTime64(6, 'UTC'),
    user_id String,
    channel LowCardinality(String),
    report LowCardinality(String),
    filters String,
    audience LowCardinality(String),
    row_count UInt64,
    byte_count UInt64,
    sha256 String,
    complete Bool,
    took_us UInt64
)
ENGINE = MergeTree
ORDER BY (began_at, download_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
