CREATE OR REPLACE TABLE observations
(
    release_id LowCardinality(String),
    source LowCardinality(String),
    slice LowCardinality(String),
    measure LowCardinality(String),
    area_code LowCardinality(String),
    basis LowCardinality(String),
    period_start Date,
    period_end Date,
    breakdown LowCardinality(String),
    breakdown_value LowCardinality(String),
    value Nullable(Float64),
    value_note LowCardinality(String),
    note LowCardinality(String),
    file LowCardinality(String),
    sheet LowCardinality(String),
    source_row UInt32
)
ENGINE = MergeTree
ORDER BY (release_id, measure, area_code, source, basis, period_start, period_end, breakdown, breakdown_value)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 512
AS SELECT release_id, source, slice, measure, area_code, basis, period_start, period_end, breakdown, breakdown_value,
          value, value_note, note, file, sheet, source_row
FROM observations
