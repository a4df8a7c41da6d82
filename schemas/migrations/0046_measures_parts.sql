-- Of which other counts a count is the sum by what the words mean. What was loaded before
-- has it at once: until the measures are loaded anew nothing hidden may be worked out of
-- others.
ALTER TABLE measures
    ADD COLUMN IF NOT EXISTS parts Array(LowCardinality(String)) DEFAULT multiIf(
        measure = 'spo_granted', ['spo_interim_granted', 'spo_full_granted'],
        measure = 'stalking_all_flagged', ['stalking_recorded', 'stalking_included_classifications'],
        [])
