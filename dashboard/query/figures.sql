-- The counts behind the figures, in the order of the figures. A count takes
-- part in its own figure and in each rate that it stands above or below the
-- line of; a force's figure takes part in its own and in that of England and
-- Wales. It stands here once for each, and figures.go puts them together.
--
-- What serves, which counts make which rates and who the forces are comes as
-- parameters, so that the counts are found by the primary key: release,
-- measure, area.
SELECT
    -- A part is a count in a figure, by its place in the lists of parts.
    if({part_measures:Array(String)}[part] = '', toString(o.measure), {part_measures:Array(String)}[part]) AS figure_measure,
    arrayJoin(if(has({summed:Array(String)}, o.area_code) AND NOT has({never_added:Array(String)}, o.measure) AND (empty({national:Array(String)}) OR o.source IN {national:Array(String)} AND o.breakdown = ''),
                 [toString(o.area_code), {england_and_wales:String}], [toString(o.area_code)])) AS shown_area,
    o.source AS figure_source,
    -- A rate of a source that counts on several bases names the source's after its own.
    multiIf({part_bases:Array(String)}[part] = '', toString(o.basis), o.basis = '', {part_bases:Array(String)}[part],
            concat({part_bases:Array(String)}[part], ', ', o.basis)) AS figure_basis,
    o.period_start AS first_day, o.period_end AS last_day, o.breakdown AS dimension, o.breakdown_value AS part_of_it,
    part, o.area_code AS area, o.value, o.value_note, o.note, o.release_id, o.slice, o.file, o.sheet, o.source_row,
    -- What tells the figure in revised.sql.
    cityHash64(o.source, o.measure, o.area_code, o.basis, o.period_start, o.period_end, o.breakdown, o.breakdown_value) AS figure
FROM observations AS o
ARRAY JOIN arrayFilter(i -> {part_counts:Array(String)}[i] = '' OR {part_counts:Array(String)}[i] = o.measure, arrayEnumerate({part_counts:Array(String)})) AS part
WHERE o.release_id IN {releases:Array(String)}
  AND (empty({counts:Array(String)}) OR o.measure IN {counts:Array(String)})
  AND (empty({places:Array(String)}) OR o.area_code IN {places:Array(String)})
  AND (empty({sources:Array(String)}) OR o.source IN {sources:Array(String)})
  AND o.period_start >= {from:Date} AND o.period_end <= {to:Date}
  AND ({totals:Bool} = false OR o.breakdown = '')
  AND ({breakdown:String} = '' OR o.breakdown IN ('', {breakdown:String}))
  -- By release and not by source: the primary key finds no source without its area.
  AND (empty({national:Array(String)}) OR o.area_code IN {areas:Array(String)} OR o.release_id IN {national_releases:Array(String)} AND o.breakdown = '')
  AND (empty({areas:Array(String)}) OR shown_area IN {areas:Array(String)})
  -- Of a release that serves no longer all that it brought, only the slices that it does.
  AND (empty({split:Array(String)}) OR o.release_id NOT IN {split:Array(String)} OR (o.release_id, o.slice) IN arrayZip({split_releases:Array(String)}, {split_slices:Array(String)}))
  AND o.area_code != {england_and_wales:String} -- which is always the sum
  AND ({start_measure:String} = '' OR (figure_measure, shown_area) >= ({start_measure:String}, {start_area:String}))
ORDER BY figure_measure, shown_area, figure_source, figure_basis, first_day, last_day, dimension, part_of_it, area, part
