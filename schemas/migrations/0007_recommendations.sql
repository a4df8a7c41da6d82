CREATE TABLE IF NOT EXISTS recommendations
(
    release_id LowCardinality(String),
    source LowCardinality(String),
    slice LowCardinality(String),
    number UInt8,
    ref String,
    addressee String,
    deadline Nullable(Date),
    ask String,
    confidence String,
    evidence String,
    file LowCardinality(String),
    sheet LowCardinality(String),
    source_row UInt32
)
ENGINE = MergeTree
ORDER BY (release_id, number, ref)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
