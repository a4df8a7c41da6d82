CREATE TABLE IF NOT EXISTS annotations
(
    annotation_id String,
    made_at DateTime64(6, 'UTC'),
    who String,
    kind LowCardinality(String),
    measure LowCardinality(String),
    basis LowCardinality(String),
    area_code LowCardinality(String),
    source LowCardinality(String),
    series_basis LowCardinality(String),
    period_kind LowCardinality(String),
    day Nullable(Date),
    target Nullable(Float64),
    words String,
    takes_back String
)
ENGINE = MergeTree
ORDER BY (area_code, measure, basis, made_at, annotation_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
