CREATE TABLE IF NOT EXISTS rejected_rows
(
    run_id String,
    source LowCardinality(String),
    file String,
    sheet String,
    source_row UInt32,
    column_name String,
    value String,
    reason String
)
ENGINE = MergeTree
ORDER BY (run_id, sheet, source_row, column_name)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
