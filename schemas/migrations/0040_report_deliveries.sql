CREATE TABLE IF NOT EXISTS report_deliveries
(
    report_id String,
    due_at DateTime64(6, 'UTC'),
    recorded_at DateTime64(6, 'UTC'),
    began_at DateTime64(6, 'UTC'),
    place LowCardinality(String),
    outcome LowCardinality(String),
    file String,
    row_count UInt64,
    byte_count UInt64,
    sha256 String,
    as_at DateTime64(6, 'UTC'),
    problem String
)
ENGINE = MergeTree
ORDER BY (report_id, due_at, recorded_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
