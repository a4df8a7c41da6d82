-- Counts, rates and sums in one pass. A count takes part in its own figure and
-- in each rate that it stands above or below the line of; a force's figure
-- takes part in its own and in that of England and Wales.
WITH
    -- The 43 forces whose figures make England and Wales, by name.
    (
        SELECT arraySort(force -> force.2, groupArray((t.area_code, t.area_name)))
        FROM areas AS t
        INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
            ON s.source = t.source AND s.slice = t.slice AND s.release_id = t.release_id
        WHERE t.kind = 'territorial_force'
    ) AS forces,
    arrayMap(force -> force.1, forces) AS force_codes,
    -- What adds up over nothing, as a median, has no figure of England and Wales.
    (
        SELECT groupUniqArray(toString(t.measure))
        FROM measures AS t
        INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
            ON s.source = t.source AND s.slice = t.slice AND s.release_id = t.release_id
        WHERE t.adds_up = 'nothing'
    ) AS never_added,
    (
        SELECT groupArray((t.measure, t.basis, t.numerator, t.denominator, t.per))
        FROM measures AS t
        INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
            ON s.source = t.source AND s.slice = t.slice AND s.release_id = t.release_id
        WHERE t.numerator != '' AND t.denominator_source = '' AND (empty({measures:Array(String)}) OR t.measure IN {measures:Array(String)})
    ) AS rates,
    -- The roles of a count: 0 the figure itself, 1 above the line, 2 below it.
    taking_part AS
    (
        SELECT
            arrayJoin(arrayConcat(
                if(empty({measures:Array(String)}) OR o.measure IN {measures:Array(String)},
                   [(toString(o.measure), toString(o.basis), 0, toFloat64(0))], []),
                arrayMap(r -> (r.1, multiIf(o.basis = '', r.2, r.2 = '', toString(o.basis), concat(r.2, ', ', o.basis)), 1, r.5),
                         arrayFilter(r -> r.3 = o.measure, rates)),
                arrayMap(r -> (r.1, multiIf(o.basis = '', r.2, r.2 = '', toString(o.basis), concat(r.2, ', ', o.basis)), 2, r.5),
                         arrayFilter(r -> r.4 = o.measure, rates))
            )) AS part,
            toString(o.basis) AS own_basis,
            o.area_code AS area_code, o.source AS source, o.period_start AS period_start, o.period_end AS period_end,
            o.breakdown AS breakdown, o.breakdown_value AS breakdown_value,
            -- Whether the run that published it changed its value: another marker alone is no revision.
            (s.publishing_run_id, o.source, o.measure, o.area_code, o.basis, o.period_start, o.period_end, o.breakdown, o.breakdown_value) IN
            (
                SELECT run_id, source, measure, area_code, basis, period_start, period_end, breakdown, breakdown_value
                FROM revisions
                WHERE change = 'changed' AND ifNull(toString(value), '') != ifNull(toString(former_value), '') AND run_id IN
                (
                    SELECT argMax(run_id, (published_at, release_id))
                    FROM published
                    WHERE published_at <= {as_at:DateTime64(6, 'UTC')}
                    GROUP BY source, slice
                )
            ) AS revised,
            o.value AS value, if(revised, concat(o.value_note, ' r'), toString(o.value_note)) AS value_note, toString(o.note) AS note, toString(o.release_id) AS release_id,
            s.slice_published_at AS published_at, r.retrieved_at AS retrieved_at,
            (toUInt8(part.3), toString(o.file), toString(o.sheet), o.source_row) AS origin
        FROM observations AS o
        INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
            ON s.source = o.source AND s.slice = o.slice AND s.release_id = o.release_id
        INNER JOIN (SELECT release_id, any(retrieved_at) AS retrieved_at FROM releases GROUP BY release_id) AS r ON r.release_id = o.release_id
        WHERE (empty({measures:Array(String)}) OR o.measure IN {measures:Array(String)}
               OR has(arrayConcat(arrayMap(r -> r.3, rates), arrayMap(r -> r.4, rates)), o.measure))
          AND (empty({areas:Array(String)}) OR o.area_code IN {areas:Array(String)}
               OR (has({areas:Array(String)}, {england_and_wales:String}) AND has(force_codes, o.area_code)))
          AND (empty({sources:Array(String)}) OR o.source IN {sources:Array(String)})
          AND o.period_start >= {from:Date} AND o.period_end <= {to:Date}
    ),
    -- Own figures: a count, or a rate of which both counts are there.
    own AS
    (
        SELECT
            part.1 AS measure, part.2 AS basis, area_code, source, period_start, period_end, breakdown, breakdown_value,
            max(part.4) AS per, max(part.3) > 0 AS is_rate,
            anyIf(value, part.3 = 0) AS count_value, anyIf(value, part.3 = 1) AS above, anyIf(value, part.3 = 2) AS below,
            if(is_rate, isNotNull(above) AND isNotNull(below), isNotNull(count_value)) AS is_known,
            multiIf(NOT is_rate, [anyIf(value_note, part.3 = 0)],
                    isNull(above), [anyIf(value_note, part.3 = 1)],
                    isNull(below), [anyIf(value_note, part.3 = 2)],
                    groupUniqArray(value_note)) AS markers,
            max(revised) AS any_revised,
            groupUniqArray(note) AS parts_notes, groupUniqArray(release_id) AS parts_releases,
            max(published_at) AS last_published, max(retrieved_at) AS last_retrieved,
            arraySort(groupArray(origin)) AS parts_origins,
            -- No two figures that are served may share a key: better no page than a wrong figure.
            throwIf(count() != uniqExact(part.3), 'a figure is served twice') AS twice
        FROM taking_part
        GROUP BY part.1, part.2, own_basis, area_code, source, period_start, period_end, breakdown, breakdown_value
        HAVING (NOT is_rate OR uniqExact(part.3) = 2) AND twice = 0
    ),
    shown AS
    (
        SELECT
            measure, basis, source, period_start, period_end, breakdown, breakdown_value,
            arrayJoin(if(has(force_codes, area_code) AND NOT has(never_added, measure), [toString(area_code), {england_and_wales:String}], [toString(area_code)])) AS shown_area,
            shown_area = {england_and_wales:String} AS is_sum,
            any(is_rate) AS rate, any(per) AS factor,
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
        GROUP BY measure, basis, source, period_start, period_end, breakdown, breakdown_value, shown_area
        -- A handful of forces is not England and Wales.
        HAVING NOT is_sum OR 2 * length(members) >= length(forces)
    )
SELECT
    measure, shown_area, source, basis, period_start, period_end, breakdown, breakdown_value,
    multiIf(NOT rate, total, denominator = 0, NULL, factor * numerator / denominator) AS figure,
    if(rate AND denominator = 0, ['z'], value_notes) AS figure_notes,
    if(rate, numerator, NULL) AS figure_numerator, if(rate, denominator, NULL) AS figure_denominator,
    notes, release_ids, published_at, retrieved_at,
    arrayMap(o -> o.2, origins) AS files, arrayMap(o -> o.3, origins) AS sheets, arrayMap(o -> o.4, origins) AS source_rows,
    if(is_sum, arrayMap(f -> f.2, arrayFilter(f -> NOT has(members, f.1), forces)), []) AS missing,
    toUInt32(length(members)) AS member_count
FROM shown
WHERE empty({areas:Array(String)}) OR shown_area IN {areas:Array(String)}
ORDER BY measure, shown_area, source, basis, period_start, period_end, breakdown, breakdown_value
