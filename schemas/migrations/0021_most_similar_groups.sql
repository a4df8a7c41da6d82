CREATE TABLE IF NOT EXISTS most_similar_groups
(
    release_id LowCardinality(String),
    source LowCardinality(String),
    slice LowCardinality(String),
    area_code LowCardinality(String),
    similar_area_code LowCardinality(String),
    valid_from Date,
    evidence String,
    file LowCardinality(String),
    sheet LowCardinality(String),
    source_row UInt32
)
ENGINE = MergeTree
ORDER BY (release_id, area_code, valid_from, similar_area_code)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
