-- The groups of forces that forces are compared with on a day: of each force all
-- rows with the newest day that is not after that one.
SELECT t.area_code, t.similar_area_code, t.valid_from, t.evidence, t.file, t.sheet, t.source_row
FROM most_similar_groups AS t
INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
    ON s.source = t.source AND s.slice = t.slice AND s.release_id = t.release_id
WHERE (t.area_code, t.valid_from) IN
(
    SELECT g.area_code, max(g.valid_from)
    FROM most_similar_groups AS g
    INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS p
        ON p.source = g.source AND p.slice = g.slice AND p.release_id = g.release_id
    WHERE g.valid_from <= {day:Date}
    GROUP BY g.area_code
)
ORDER BY t.area_code, t.similar_area_code
