SELECT countIf(before = 0), countIf(before > 0 AND after > 0 AND kinds > 1), countIf(after = 0)
FROM
(
    SELECT countIf(o.release_id = {release:String}) AS before, countIf(o.release_id != {release:String}) AS after,
           uniqExact(tuple(ifNull(toString(o.value), ''), o.value_note)) AS kinds
    FROM observations AS o
    INNER JOIN
    (
        SELECT slice, former FROM (SELECT {slices:Array(String)} AS slice, {formers:Array(String)} AS former) ARRAY JOIN slice, former
    ) AS t ON t.slice = o.slice
    WHERE o.source = {source:String} AND (o.release_id = {release:String} OR o.release_id = t.former)
    GROUP BY o.measure, o.area_code, o.basis, o.period_start, o.period_end, o.breakdown, o.breakdown_value
)
