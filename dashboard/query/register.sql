SELECT t.number, t.ref, t.addressee, t.deadline, t.ask, t.confidence, t.evidence, t.file, t.sheet, t.source_row
FROM recommendations AS t
INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
    ON s.source = t.source AND s.slice = t.slice AND s.release_id = t.release_id
ORDER BY t.number = 0, t.number, t.ref
