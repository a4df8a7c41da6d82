-- Of several inserts with the same token the first is kept and the others are dropped: so one
-- publication alone can follow on another, whichever program comes first.
ALTER TABLE disclosure_publications MODIFY SETTING non_replicated_deduplication_window = 10000
