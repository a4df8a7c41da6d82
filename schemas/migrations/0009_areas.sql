CREATE TABLE IF NOT EXISTS areas
(
    release_id LowCardinality(String),
    source LowCardinality(String),
    slice LowCardinality(String),
    area_code String,
    area_name String,
    region LowCardinality(String),
    kind LowCardinality(String),
    population_mid_2018 Nullable(UInt32),
    aliases Array(String),
    file LowCardinality(String),
    sheet LowCardinality(String),
    source_row UInt32
)
ENGINE = MergeTree
ORDER BY (release_id, source_row)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
