CREATE TABLE IF NOT EXISTS permalinks
(
    permalink_id String,
    made_at DateTime64(6, 'UTC'),
    who String,
    why String,
    filters String,
    in_words Array(String),
    audience LowCardinality(String),
    as_at DateTime64(6, 'UTC'),
    publication_id String,
    row_count UInt64,
    byte_count UInt64,
    sha256 String,
    metadata_sha256 String,
    sources Array(Tuple(release_id String, source String, file String, sha256 String, retrieved_at DateTime64(6, 'UTC'), published_at DateTime64(6, 'UTC'))),
    version String
)
ENGINE = MergeTree
ORDER BY (made_at, permalink_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
