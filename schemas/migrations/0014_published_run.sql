ALTER TABLE published ADD COLUMN IF NOT EXISTS run_id String DEFAULT release_id
