CREATE TABLE IF NOT EXISTS permalink_files
(
    permalink_id String,
    file LowCardinality(String),
    part UInt32,
    bytes String CODEC(ZSTD(6))
)
ENGINE = MergeTree
ORDER BY (permalink_id, file, part)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
