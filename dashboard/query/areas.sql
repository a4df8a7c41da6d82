SELECT t.area_code, t.area_name, t.region, t.kind, ifNull(t.population_mid_2018, 0), t.aliases, t.file, t.sheet, t.source_row
FROM areas AS t
INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
    ON s.source = t.source AND s.slice = t.slice AND s.release_id = t.release_id
ORDER BY t.source_row
