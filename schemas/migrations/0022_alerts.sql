CREATE TABLE IF NOT EXISTS alerts
(
    source LowCardinality(String),
    number UInt32,
    alert_id String,
    channel LowCardinality(String),
    attempts UInt32,
    recorded_at DateTime64(6, 'UTC'),
    condition LowCardinality(String),
    state LowCardinality(String),
    raised_at DateTime64(6, 'UTC'),
    tried_at Nullable(DateTime64(6, 'UTC')),
    sent_at Nullable(DateTime64(6, 'UTC')),
    run_id String,
    subject String,
    text String,
    problem String
)
ENGINE = MergeTree
ORDER BY (source, number, alert_id, channel, attempts, recorded_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
