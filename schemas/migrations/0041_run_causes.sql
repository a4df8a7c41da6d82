ALTER TABLE runs ADD COLUMN IF NOT EXISTS cause LowCardinality(String)
