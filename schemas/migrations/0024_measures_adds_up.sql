-- What was loaded before keeps its meaning: people added up over areas alone,
-- and how strongly a measure bears on a recommendation was not told apart.
ALTER TABLE measures
    ADD COLUMN IF NOT EXISTS strengths Array(LowCardinality(String)) DEFAULT arrayMap(r -> 'partial', recommendations),
    ADD COLUMN IF NOT EXISTS what_it_shows String,
    ADD COLUMN IF NOT EXISTS adds_up LowCardinality(String) DEFAULT if(unit = 'people', 'areas', 'areas and periods'),
    ADD COLUMN IF NOT EXISTS target Nullable(Float64),
    ADD COLUMN IF NOT EXISTS denominator_source String
