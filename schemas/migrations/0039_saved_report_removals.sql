CREATE TABLE IF NOT EXISTS saved_report_removals
(
    report_id String,
    removed_at DateTime64(6, 'UTC'),
    who String,
    why String
)
ENGINE = MergeTree
ORDER BY (report_id, removed_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
