CREATE TABLE IF NOT EXISTS releases
(
    release_id String,
    source LowCardinality(String),
    fingerprint String,
    sha256 String,
    file String,
    fetched_from String,
    retrieved_at DateTime64(6, 'UTC'),
    created_at DateTime64(6, 'UTC')
)
ENGINE = MergeTree
ORDER BY release_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
