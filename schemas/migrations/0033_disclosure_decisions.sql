CREATE TABLE IF NOT EXISTS disclosure_decisions
(
    publication_id LowCardinality(String),
    source LowCardinality(String),
    basis LowCardinality(String),
    measure LowCardinality(String),
    area_code LowCardinality(String),
    period_start Date,
    period_end Date,
    breakdown LowCardinality(String),
    breakdown_value LowCardinality(String),
    value Float64,
    reason LowCardinality(String),
    file LowCardinality(String),
    sheet LowCardinality(String),
    source_row UInt32
)
ENGINE = MergeTree
ORDER BY (source, basis, measure, area_code, period_start, period_end, breakdown, breakdown_value, publication_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
