CREATE TABLE IF NOT EXISTS runs
(
    run_id String,
    recorded_at DateTime64(6, 'UTC'),
    source LowCardinality(String),
    outcome LowCardinality(String),
    started_at DateTime64(6, 'UTC'),
    ended_at Nullable(DateTime64(6, 'UTC')),
    release_id String,
    file String,
    fetched_from String,
    sha256 String,
    read_rows UInt64,
    loaded_rows UInt64,
    excluded_rows UInt64,
    rejected_rows UInt64,
    exclusions Array(Tuple(reason String, excluded UInt64)),
    problem String,
    owner String
)
ENGINE = MergeTree
ORDER BY (run_id, recorded_at)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
