CREATE TABLE IF NOT EXISTS progress_entries
(
    entry_id String,
    entered_at DateTime64(6, 'UTC'),
    who String,
    area_code LowCardinality(String),
    recommendation LowCardinality(String),
    as_at Date,
    status LowCardinality(String),
    owner String,
    progress_update String,
    evidence_url String,
    review_date Nullable(Date),
    takes_back String
)
ENGINE = MergeTree
ORDER BY (area_code, recommendation, as_at, entered_at, entry_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
