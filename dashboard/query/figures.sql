WITH
    releases_served AS
    (
        SELECT s.source AS source, s.slice AS slice, s.release_id AS release_id,
               s.slice_published_at AS published_at, r.retrieved_at AS retrieved_at
        FROM served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
        INNER JOIN
        (
            SELECT release_id, any(retrieved_at) AS retrieved_at FROM releases GROUP BY release_id
        ) AS r ON r.release_id = s.release_id
    ),
    -- The 43 forces whose figures make England and Wales.
    forces AS
    (
        SELECT a.area_code AS area_code, a.area_name AS area_name
        FROM areas AS a
        INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
            ON s.source = a.source AND s.slice = a.slice AND s.release_id = a.release_id
        WHERE a.kind = 'territorial_force'
    ),
    (SELECT arraySort(f -> f.2, groupArray((area_code, area_name))) FROM forces) AS all_forces,
    rates AS
    (
        SELECT m.measure AS measure, m.basis AS basis, m.numerator AS numerator, m.denominator AS denominator, m.per AS per
        FROM measures AS m
        INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
            ON s.source = m.source AND s.slice = m.slice AND s.release_id = m.release_id
        WHERE m.numerator != ''
          AND (empty({measures:Array(String)}) OR m.measure IN {measures:Array(String)})
    ),
    counts AS
    (
        SELECT o.measure AS measure, o.area_code AS area_code, o.source AS source, o.basis AS basis,
               o.period_start AS period_start, o.period_end AS period_end,
               o.breakdown AS breakdown, o.breakdown_value AS breakdown_value,
               o.value AS value, o.value_note AS value_note, o.note AS note,
               o.release_id AS release_id, p.published_at AS published_at, p.retrieved_at AS retrieved_at,
               (o.file, o.sheet, o.source_row) AS origin
        FROM observations AS o
        INNER JOIN releases_served AS p
            ON p.source = o.source AND p.slice = o.slice AND p.release_id = o.release_id
        WHERE (empty({sources:Array(String)}) OR o.source IN {sources:Array(String)})
          AND o.period_start >= {from:Date} AND o.period_end <= {to:Date}
    ),
    wanted_counts AS
    (
        SELECT * FROM counts WHERE empty({measures:Array(String)}) OR measure IN {measures:Array(String)}
    ),
    -- A rate's two counts: of one area, source, basis, period and breakdown.
    pairs AS
    (
        SELECT r.measure AS measure, r.per AS per,
               multiIf(n.basis = '', r.basis, r.basis = '', n.basis, concat(r.basis, ', ', n.basis)) AS basis,
               n.area_code AS area_code, n.source AS source, n.period_start AS period_start, n.period_end AS period_end,
               n.breakdown AS breakdown, n.breakdown_value AS breakdown_value,
               n.value AS numerator, d.value AS denominator,
               n.value_note AS numerator_note, d.value_note AS denominator_note,
               [n.note, d.note] AS notes, [n.release_id, d.release_id] AS release_ids,
               greatest(n.published_at, d.published_at) AS published_at,
               greatest(n.retrieved_at, d.retrieved_at) AS retrieved_at,
               [n.origin, d.origin] AS origins
        FROM rates AS r
        INNER JOIN counts AS n ON n.measure = r.numerator
        INNER JOIN counts AS d
            ON d.measure = r.denominator AND d.area_code = n.area_code AND d.source = n.source AND d.basis = n.basis
            AND d.period_start = n.period_start AND d.period_end = n.period_end
            AND d.breakdown = n.breakdown AND d.breakdown_value = n.breakdown_value
    ),
    count_sums AS
    (
        SELECT measure, source, basis, period_start, period_end, breakdown, breakdown_value,
               sumIf(assumeNotNull(value), isNotNull(value)) AS total,
               groupUniqArrayIf(area_code, isNotNull(value)) AS members,
               groupUniqArrayIf(value_note, isNotNull(value)) AS value_notes,
               groupUniqArrayIf(note, isNotNull(value)) AS notes,
               groupUniqArray(release_id) AS release_ids,
               max(published_at) AS published_at, max(retrieved_at) AS retrieved_at,
               groupArray(origin) AS origins
        FROM wanted_counts
        WHERE area_code IN (SELECT area_code FROM forces)
        GROUP BY measure, source, basis, period_start, period_end, breakdown, breakdown_value
        -- A handful of forces is not England and Wales.
        HAVING 2 * length(members) >= length(all_forces)
    ),
    rate_sums AS
    (
        SELECT measure, any(per) AS factor, basis, source, period_start, period_end, breakdown, breakdown_value,
               sum(assumeNotNull(numerator)) AS numerators, sum(assumeNotNull(denominator)) AS denominators,
               groupUniqArray(area_code) AS members,
               arrayDistinct(arrayFlatten(groupArray([numerator_note, denominator_note]))) AS value_notes,
               arrayDistinct(arrayFlatten(groupArray(notes))) AS all_notes,
               arrayDistinct(arrayFlatten(groupArray(release_ids))) AS all_release_ids,
               max(published_at) AS last_published_at, max(retrieved_at) AS last_retrieved_at,
               arrayFlatten(groupArray(origins)) AS all_origins
        FROM pairs
        WHERE area_code IN (SELECT area_code FROM forces) AND isNotNull(numerator) AND isNotNull(denominator)
        GROUP BY measure, basis, source, period_start, period_end, breakdown, breakdown_value
        HAVING 2 * length(members) >= length(all_forces)
    ),
    figures AS
    (
        SELECT measure, area_code, source, basis, period_start, period_end, breakdown, breakdown_value,
               value, [value_note] AS value_notes, NULL::Nullable(Float64) AS numerator, NULL::Nullable(Float64) AS denominator,
               [note] AS notes, [release_id] AS release_ids, published_at, retrieved_at, [origin] AS origins, []::Array(String) AS missing, 0 AS member_count
        FROM wanted_counts
        UNION ALL
        SELECT measure, {england_and_wales:String}, source, basis, period_start, period_end, breakdown, breakdown_value,
               total, value_notes, NULL, NULL,
               notes, release_ids, published_at, retrieved_at, origins,
               arrayMap(f -> f.2, arrayFilter(f -> NOT has(members, f.1), all_forces)), length(members)
        FROM count_sums
        UNION ALL
        SELECT measure, area_code, source, basis, period_start, period_end, breakdown, breakdown_value,
               if(denominator = 0, NULL, per * numerator / denominator),
               multiIf(isNull(numerator), [numerator_note], isNull(denominator), [denominator_note], denominator = 0, ['z'], [numerator_note, denominator_note]),
               numerator, denominator,
               notes, release_ids, published_at, retrieved_at, origins, [], 0
        FROM pairs
        UNION ALL
        SELECT measure, {england_and_wales:String}, source, basis, period_start, period_end, breakdown, breakdown_value,
               if(denominators = 0, NULL, factor * numerators / denominators),
               if(denominators = 0, ['z'], value_notes), numerators, denominators,
               all_notes, all_release_ids, last_published_at, last_retrieved_at, all_origins,
               arrayMap(f -> f.2, arrayFilter(f -> NOT has(members, f.1), all_forces)), length(members)
        FROM rate_sums
    )
SELECT
    measure, area_code, source, basis, period_start, period_end, breakdown, breakdown_value,
    value,
    value_notes,
    numerator, denominator,
    notes,
    arraySort(arrayDistinct(release_ids)) AS release_ids,
    published_at, retrieved_at,
    arrayMap(o -> o.1, arraySort(arrayDistinct(origins)) AS places) AS files,
    arrayMap(o -> o.2, places) AS sheets,
    arrayMap(o -> o.3, places) AS source_rows,
    missing,
    toUInt32(member_count) AS members
FROM figures
WHERE empty({areas:Array(String)}) OR area_code IN {areas:Array(String)}
ORDER BY measure, area_code, source, basis, period_start, period_end, breakdown, breakdown_value
