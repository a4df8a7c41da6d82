CREATE TABLE IF NOT EXISTS recommendation_progress
(
    release_id LowCardinality(String),
    source LowCardinality(String),
    slice LowCardinality(String),
    area_code LowCardinality(String),
    recommendation LowCardinality(String),
    as_at Date,
    status LowCardinality(String),
    owner String,
    progress_update String,
    evidence_url String,
    review_date Nullable(Date),
    file LowCardinality(String),
    sheet LowCardinality(String),
    source_row UInt32
)
ENGINE = MergeTree
ORDER BY (release_id, area_code, recommendation, as_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
