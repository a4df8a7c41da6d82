CREATE TABLE IF NOT EXISTS permalink_withdrawals
(
    permalink_id String,
    withdrawn_at DateTime64(6, 'UTC'),
    who String,
    why String
)
ENGINE = MergeTree
ORDER BY (permalink_id, withdrawn_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
