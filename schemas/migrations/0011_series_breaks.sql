CREATE TABLE IF NOT EXISTS series_breaks
(
    release_id LowCardinality(String),
    source LowCardinality(String),
    slice LowCardinality(String),
    break_date Date,
    area_codes Array(String),
    measures Array(String),
    effect String,
    evidence String,
    confirmed Bool,
    file LowCardinality(String),
    sheet LowCardinality(String),
    source_row UInt32
)
ENGINE = MergeTree
ORDER BY (release_id, break_date)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
