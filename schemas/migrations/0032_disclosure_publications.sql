CREATE TABLE IF NOT EXISTS disclosure_publications
(
    publication_id String,
    former_id String,
    stamp UInt64,
    as_at DateTime64(6, 'UTC'),
    made_at DateTime64(6, 'UTC'),
    threshold UInt32,
    rounding UInt32,
    method UInt32
)
ENGINE = MergeTree
ORDER BY (made_at, publication_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
