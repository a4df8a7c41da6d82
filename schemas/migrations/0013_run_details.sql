ALTER TABLE runs
    ADD COLUMN IF NOT EXISTS kind LowCardinality(String) DEFAULT 'load',
    ADD COLUMN IF NOT EXISTS of_run String,
    ADD COLUMN IF NOT EXISTS asked_by String,
    ADD COLUMN IF NOT EXISTS why String,
    ADD COLUMN IF NOT EXISTS new_figures UInt64,
    ADD COLUMN IF NOT EXISTS changed_figures UInt64,
    ADD COLUMN IF NOT EXISTS gone_figures UInt64,
    ADD COLUMN IF NOT EXISTS checks Array(Tuple(name String, outcome String, says String)),
    ADD COLUMN IF NOT EXISTS log Array(Tuple(at DateTime64(6, 'UTC'), says String))
