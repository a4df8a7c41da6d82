CREATE TABLE IF NOT EXISTS published
(
    source LowCardinality(String),
    slice String,
    release_id String,
    published_at DateTime64(6, 'UTC')
)
ENGINE = MergeTree
ORDER BY (source, slice, published_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
