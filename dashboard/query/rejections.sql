SELECT file, sheet, source_row, column_name, value, reason
FROM rejected_rows
WHERE run_id = {run:String}
ORDER BY sheet, source_row, column_name
