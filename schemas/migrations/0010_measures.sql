CREATE TABLE IF NOT EXISTS measures
(
    release_id LowCardinality(String),
    source LowCardinality(String),
    slice LowCardinality(String),
    measure String,
    basis String,
    measure_name String,
    definition String,
    unit String,
    numerator String,
    denominator String,
    per Float64,
    interval_method LowCardinality(String),
    direction LowCardinality(String),
    headline UInt8,
    force_source String,
    compare_source String,
    caveat String,
    recommendations Array(String),
    file LowCardinality(String),
    sheet LowCardinality(String),
    source_row UInt32
)
ENGINE = MergeTree
ORDER BY (release_id, source_row)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
