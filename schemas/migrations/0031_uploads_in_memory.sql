CREATE OR REPLACE TABLE uploads
(
    upload_id String,
    part UInt32,
    uploaded_at DateTime64(6, 'UTC'),
    bytes String
)
ENGINE = Memory
