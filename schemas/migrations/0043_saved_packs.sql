ALTER TABLE saved_reports ADD COLUMN IF NOT EXISTS kind LowCardinality(String) DEFAULT 'observations' AFTER name
