CREATE TABLE IF NOT EXISTS audit
(
    act_id String,
    at DateTime64(6, 'UTC'),
    user_id String,
    channel LowCardinality(String),
    action LowCardinality(String),
    about String,
    outcome LowCardinality(String),
    made String
)
ENGINE = MergeTree
ORDER BY (at, act_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
