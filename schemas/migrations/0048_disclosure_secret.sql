-- What chance is drawn with when counts are hidden beside small ones. Of several inserts with
-- the same token the first is kept, so that all programs draw with the same.
CREATE TABLE IF NOT EXISTS disclosure_secret
(
    secret String,
    made_at DateTime64(6, 'UTC')
)
ENGINE = MergeTree
ORDER BY made_at
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 100
