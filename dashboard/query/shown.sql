-- The counts that the last of some publications shows: of each the newest
-- decision.
SELECT source, basis, measure, area_code, period_start, period_end, breakdown, breakdown_value,
       argMax(value, indexOf({publications:Array(String)}, toString(publication_id))) AS number,
       argMax(reason, indexOf({publications:Array(String)}, toString(publication_id))) AS why
FROM disclosure_decisions
WHERE publication_id IN {publications:Array(String)}
GROUP BY source, basis, measure, area_code, period_start, period_end, breakdown, breakdown_value
HAVING why = ''
