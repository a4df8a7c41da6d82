-- For how many forces each rate can be worked out, by source, basis and period.
-- A rate takes both its counts from one source, basis and period, or its
-- denominator from a stock of another source, such as a population, of the
-- financial year in which the period ends. Its basis is named as its figures'.
WITH
    (
        SELECT groupArray((t.measure, t.basis, t.numerator, t.denominator, t.denominator_source))
        FROM measures AS t
        INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
            ON s.source = t.source AND s.slice = t.slice AND s.release_id = t.release_id
        WHERE t.numerator != ''
    ) AS rates,
    stocks AS
    (
        SELECT DISTINCT o.area_code AS area_code, toString(o.measure) AS measure, toString(o.source) AS source,
               toYear(addMonths(toStartOfMonth(o.period_end), -3)) AS year
        FROM observations AS o
        INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
            ON s.source = o.source AND s.slice = o.slice AND s.release_id = o.release_id
        WHERE o.release_id IN (SELECT release_id FROM served(as_at = {as_at:DateTime64(6, 'UTC')}))
          AND o.measure IN (SELECT arrayJoin(arrayMap(r -> r.4, rates)))
          AND o.breakdown = '' AND isNotNull(o.value) AND has(arrayMap(r -> (r.4, r.5), rates), (toString(o.measure), toString(o.source)))
    ),
    counted AS
    (
        SELECT o.source AS source, toString(o.basis) AS own_basis, o.period_start AS period_start, o.period_end AS period_end,
               o.area_code AS area_code, groupUniqArray(toString(o.measure)) AS counts
        FROM observations AS o
        INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
            ON s.source = o.source AND s.slice = o.slice AND s.release_id = o.release_id
        -- By release and measure, which the primary key finds.
        WHERE o.release_id IN (SELECT release_id FROM served(as_at = {as_at:DateTime64(6, 'UTC')}))
          AND o.measure IN (SELECT arrayJoin(arrayConcat(arrayMap(r -> r.3, rates), arrayMap(r -> r.4, rates))))
          AND o.breakdown = '' AND isNotNull(o.value) AND o.area_code IN
        (
            SELECT t.area_code
            FROM areas AS t
            INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS p
                ON p.source = t.source AND p.slice = t.slice AND p.release_id = t.release_id
            WHERE t.kind = 'territorial_force'
        )
        GROUP BY source, own_basis, period_start, period_end, area_code
    )
SELECT
    rate.1 AS measure,
    multiIf(own_basis = '', rate.2, rate.2 = '', own_basis, concat(rate.2, ', ', own_basis)) AS basis,
    source, period_start, period_end, count() AS forces
FROM counted
ARRAY JOIN arrayFilter(r -> has(counts, r.3) AND (r.5 != '' OR has(counts, r.4)), rates) AS rate
WHERE rate.5 = '' OR (area_code, rate.4, rate.5, toYear(addMonths(toStartOfMonth(period_end), -3))) IN (SELECT area_code, measure, source, year FROM stocks)
GROUP BY measure, basis, source, period_start, period_end
ORDER BY measure, basis, source, period_end DESC, period_start
