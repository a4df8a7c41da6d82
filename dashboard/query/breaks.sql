SELECT t.break_date, t.area_codes, t.measures, t.effect, t.evidence, t.confirmed, t.file, t.sheet, t.source_row
FROM series_breaks AS t
INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
    ON s.source = t.source AND s.slice = t.slice AND s.release_id = t.release_id
ORDER BY t.break_date, t.source_row
