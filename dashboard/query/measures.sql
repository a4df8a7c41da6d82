SELECT t.measure, t.basis, t.measure_name, t.definition, t.unit, t.numerator, t.denominator, t.denominator_source, t.per, t.interval_method,
       t.adds_up, t.direction, t.target, t.headline, t.force_source, t.compare_source, t.caveat, t.recommendations,
       t.strengths, t.what_it_shows, t.parts, t.file, t.sheet, t.source_row
FROM measures AS t
INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
    ON s.source = t.source AND s.slice = t.slice AND s.release_id = t.release_id
ORDER BY t.source_row
