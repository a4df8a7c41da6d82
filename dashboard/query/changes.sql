SELECT run_id, source, change, measure, area_code, basis, period_start, period_end, breakdown, breakdown_value,
       former_release_id, former_value, former_value_note, former_file, former_sheet, former_row,
       value, value_note, file, sheet, source_row
FROM revisions
WHERE run_id = {run:String}
ORDER BY change, measure, area_code, basis, period_start, period_end, breakdown, breakdown_value
LIMIT {limit:UInt64}
