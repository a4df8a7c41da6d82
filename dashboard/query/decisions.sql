-- What publications decided on the counts of a source, in their order: only
-- what each changed.
SELECT indexOf({publications:Array(String)}, toString(publication_id)) AS place, basis, measure, area_code, period_start, period_end, breakdown, breakdown_value,
       value, reason, file, sheet, source_row
FROM disclosure_decisions
WHERE source = {source:String} AND publication_id IN {publications:Array(String)}
ORDER BY place, basis, measure, area_code, period_start, period_end, breakdown, breakdown_value
