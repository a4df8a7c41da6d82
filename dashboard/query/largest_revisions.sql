-- Of what revisions.sql lists, which is revised here, those of each area that
-- changed figures most, the largest first, and whether any of all of the area is
-- of made-up figures. A figure that is gone lost all of what it was.
SELECT *, max(demonstration) OVER (PARTITION BY area) AS any_demonstration
FROM revised
ORDER BY abs(ifNull(value - former_value, ifNull(former_value, 0))) DESC,
         at DESC, run DESC, source, change, measure, area, basis, first_day, last_day, dimension, part
LIMIT {most:UInt64} BY area
