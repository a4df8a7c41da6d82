CREATE TABLE IF NOT EXISTS revisions
(
    run_id LowCardinality(String),
    source LowCardinality(String),
    slice LowCardinality(String),
    change LowCardinality(String),
    measure LowCardinality(String),
    area_code LowCardinality(String),
    basis LowCardinality(String),
    period_start Date,
    period_end Date,
    breakdown LowCardinality(String),
    breakdown_value LowCardinality(String),
    former_release_id LowCardinality(String),
    former_value Nullable(Float64),
    former_value_note LowCardinality(String),
    former_file LowCardinality(String),
    former_sheet LowCardinality(String),
    former_row UInt32,
    value Nullable(Float64),
    value_note LowCardinality(String),
    file LowCardinality(String),
    sheet LowCardinality(String),
    source_row UInt32
)
ENGINE = MergeTree
ORDER BY (run_id, change, measure, area_code, basis, period_start, period_end, breakdown, breakdown_value)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
