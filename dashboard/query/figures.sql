-- Counts, rates and sums in one pass. A count takes part in its own figure and
-- in each rate that it stands above or below the line of; a force's figure
-- takes part in its own and in that of England and Wales.
--
-- What serves, which counts make which rates and who the forces are comes as
-- parameters, so that the figures are found by the primary key: release,
-- measure, area.
WITH
    -- The counts and what they are parts of. A count may be several parts; the
    -- roles are 0 the figure itself, 1 above the line, 2 below it.
    taking_part AS
    (
        SELECT
            arrayJoin(arrayFilter(i -> {part_counts:Array(String)}[i] = o.measure OR {part_counts:Array(String)}[i] = '', arrayEnumerate({part_counts:Array(String)}))) AS part,
            {part_roles:Array(UInt8)}[part] AS role,
            if(role = 0, toString(o.measure), {part_measures:Array(String)}[part]) AS measure,
            {part_bases:Array(String)}[part] AS rate_basis,
            toString(o.basis) AS own_basis,
            multiIf(role = 0 OR rate_basis = '', own_basis, own_basis = '', rate_basis, concat(rate_basis, ', ', own_basis)) AS basis,
            {part_pers:Array(Float64)}[part] AS per,
            o.area_code AS area_code, o.source AS source, o.period_start AS period_start, o.period_end AS period_end,
            o.breakdown AS breakdown, o.breakdown_value AS breakdown_value,
            transform(o.release_id, {releases:Array(String)}, {runs:Array(String)}, '') AS whole_run,
            if(whole_run != '', whole_run, transform(concat(o.release_id, ' ', o.slice), {split_slices:Array(String)}, {split_runs:Array(String)}, '')) AS run,
            if(whole_run != '', transform(o.release_id, {releases:Array(String)}, {published:Array(Int64)}, 0),
               transform(concat(o.release_id, ' ', o.slice), {split_slices:Array(String)}, {split_published:Array(Int64)}, 0)) AS published_at,
            transform(o.release_id, {releases:Array(String)}, {retrieved:Array(Int64)}, 0) AS retrieved_at,
            -- Whether the run that published it changed its value: another marker alone is no revision.
            (run, o.source, o.measure, o.area_code, o.basis, o.period_start, o.period_end, o.breakdown, o.breakdown_value) IN
            (
                SELECT run_id, source, measure, area_code, basis, period_start, period_end, breakdown, breakdown_value
                FROM revisions
                WHERE run_id IN {revising:Array(String)} AND change = 'changed' AND ifNull(toString(value), '') != ifNull(toString(former_value), '')
                  AND (empty({counts:Array(String)}) OR measure IN {counts:Array(String)})
                  AND (empty({places:Array(String)}) OR area_code IN {places:Array(String)})
            ) AS revised,
            o.value AS value, if(revised, concat(o.value_note, ' r'), toString(o.value_note)) AS value_note, toString(o.note) AS note, toString(o.release_id) AS release_id,
            (role, toString(o.file), toString(o.sheet), o.source_row) AS origin
        FROM observations AS o
        WHERE o.release_id IN {releases:Array(String)}
          AND (empty({counts:Array(String)}) OR o.measure IN {counts:Array(String)})
          AND (empty({places:Array(String)}) OR o.area_code IN {places:Array(String)})
          AND (empty({sources:Array(String)}) OR o.source IN {sources:Array(String)})
          AND o.period_start >= {from:Date} AND o.period_end <= {to:Date}
          AND run != ''
    ),
    -- Own figures: a count, or a rate of which both counts are there.
    own AS
    (
        SELECT
            measure, basis, area_code, source, period_start, period_end, breakdown, breakdown_value,
            max(per) AS factor, max(role) > 0 AS is_rate,
            anyIf(value, role = 0) AS count_value, anyIf(value, role = 1) AS above, anyIf(value, role = 2) AS below,
            if(is_rate, isNotNull(above) AND isNotNull(below), isNotNull(count_value)) AS is_known,
            multiIf(NOT is_rate, [anyIf(value_note, role = 0)],
                    isNull(above), [anyIf(value_note, role = 1)],
                    isNull(below), [anyIf(value_note, role = 2)],
                    groupUniqArray(value_note)) AS markers,
            max(revised) AS any_revised,
            groupUniqArray(note) AS parts_notes, groupUniqArray(release_id) AS parts_releases,
            max(published_at) AS last_published, max(retrieved_at) AS last_retrieved,
            arraySort(groupArray(origin)) AS parts_origins,
            -- No two figures that are served may share a key: better no page than a wrong figure.
            throwIf(count() != uniqExact(role), 'a figure is served twice') AS twice
        FROM taking_part
        GROUP BY measure, basis, own_basis, area_code, source, period_start, period_end, breakdown, breakdown_value
        HAVING (NOT is_rate OR uniqExact(role) = 2) AND twice = 0
    ),
    shown AS
    (
        SELECT
            measure, basis, source, period_start, period_end, breakdown, breakdown_value,
            arrayJoin(if(has({summed:Array(String)}, area_code), [toString(area_code), {england_and_wales:String}], [toString(area_code)])) AS shown_area,
            shown_area = {england_and_wales:String} AS is_sum,
            any(is_rate) AS rate, any(factor) AS per,
            if(is_sum, sumIf(above, is_known), any(above)) AS numerator,
            if(is_sum, sumIf(below, is_known), any(below)) AS denominator,
            if(is_sum, sumIf(count_value, is_known), any(count_value)) AS total,
            groupUniqArrayIf(area_code, is_known) AS members,
            -- A sum is revised too where what was revised is no number any more.
            if(is_sum, arrayDistinct(arrayConcat(arrayFlatten(groupArrayIf(markers, is_known)), groupArrayIf('r', any_revised))),
               arrayFlatten(groupArray(markers))) AS value_notes,
            arrayDistinct(arrayFlatten(groupArrayIf(parts_notes, is_known OR NOT is_sum))) AS notes,
            arrayDistinct(arrayFlatten(groupArrayIf(parts_releases, is_known OR NOT is_sum))) AS release_ids,
            max(last_published) AS published_at, max(last_retrieved) AS retrieved_at,
            arrayFlatten(groupArrayIf(parts_origins, is_known OR NOT is_sum)) AS origins
        FROM own
        WHERE empty({areas:Array(String)}) OR shown_area IN {areas:Array(String)}
        GROUP BY measure, basis, source, period_start, period_end, breakdown, breakdown_value, shown_area
        -- A handful of forces is not England and Wales.
        HAVING NOT is_sum OR 2 * length(members) >= length({forces:Array(String)})
    )
SELECT
    measure, shown_area, source, basis, period_start, period_end, breakdown, breakdown_value,
    multiIf(NOT rate, total, denominator = 0, NULL, per * numerator / denominator) AS figure,
    if(rate AND denominator = 0, ['z'], value_notes) AS figure_notes,
    if(rate, numerator, NULL) AS figure_numerator, if(rate, denominator, NULL) AS figure_denominator,
    notes, release_ids, published_at, retrieved_at,
    arrayMap(o -> o.2, origins) AS files, arrayMap(o -> o.3, origins) AS sheets, arrayMap(o -> o.4, origins) AS source_rows,
    if(is_sum, arrayFilter(f -> NOT has(members, f), {forces:Array(String)}), []) AS missing,
    toUInt32(length(members)) AS member_count
FROM shown
ORDER BY measure, shown_area, source, basis, period_start, period_end, breakdown, breakdown_value
