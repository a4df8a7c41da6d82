ALTER TABLE alerts ADD COLUMN IF NOT EXISTS causes Array(String)
