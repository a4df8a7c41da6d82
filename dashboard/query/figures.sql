-- The counts behind the figures, as the primary key has them: figures.go puts
-- them in order, and together.
--
-- What serves, which counts make which rates and who the forces are comes as
-- parameters, so that the counts are found by the primary key: release,
-- measure, area.
SELECT o.measure, o.area_code, o.source, o.basis, o.breakdown, o.breakdown_value, o.value_note, o.note, o.release_id, o.slice, o.file, o.sheet,
    o.period_start, o.period_end, o.value, o.source_row,
    -- What tells the figure in revised.sql, where anything is told there.
    if({hashed:Bool}, cityHash64(o.source, o.measure, o.area_code, o.basis, o.period_start, o.period_end, o.breakdown, o.breakdown_value), 0) AS figure
FROM observations AS o
WHERE o.release_id IN {releases:Array(String)}
  AND (empty({counts:Array(String)}) OR o.measure IN {counts:Array(String)})
  AND (empty({places:Array(String)}) OR o.area_code IN {places:Array(String)})
  AND (empty({sources:Array(String)}) OR o.source IN {sources:Array(String)})
  AND o.period_start >= {from:Date} AND o.period_end <= {to:Date}
  AND ({totals:Bool} = false OR o.breakdown = '')
  AND ({breakdown:String} = '' OR o.breakdown IN ('', {breakdown:String}))
  -- By release and not by source: the primary key finds no source without its area.
  AND (empty({national:Array(String)}) OR o.area_code IN {areas:Array(String)} OR o.release_id IN {national_releases:Array(String)} AND o.breakdown = '')
  -- Of a release that serves no longer all that it brought, only the slices that it does.
  AND (empty({split:Array(String)}) OR o.release_id NOT IN {split:Array(String)} OR (o.release_id, o.slice) IN arrayZip({split_releases:Array(String)}, {split_slices:Array(String)}))
  AND o.area_code != {england_and_wales:String} -- which is always the sum
