CREATE TABLE IF NOT EXISTS request_answers
(
    request_id String,
    answered_at DateTime64(6, 'UTC'),
    state LowCardinality(String),
    run_ids Array(String),
    problem String
)
ENGINE = MergeTree
ORDER BY (request_id, answered_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
