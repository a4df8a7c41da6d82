CREATE TABLE IF NOT EXISTS saved_reports
(
    report_id String,
    saved_at DateTime64(6, 'UTC'),
    who String,
    name String,
    filters String,
    in_words Array(String),
    audience LowCardinality(String),
    schedule String,
    place LowCardinality(String)
)
ENGINE = MergeTree
ORDER BY (saved_at, report_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
