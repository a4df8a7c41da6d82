-- The measures of which the last of some publications holds counts back, since no choice of
-- hidden counts protects them: the newest decision of each count that ever was.
SELECT source, measure, count(), min(period_start), max(period_end), uniqExact(area_code), any(area_code), min(since)
FROM
(
    SELECT source, basis, measure, area_code, period_start, period_end, breakdown, breakdown_value,
           argMax(reason, indexOf({publications:Array(String)}, toString(publication_id))) AS why,
           argMax(publication_id, indexOf({publications:Array(String)}, toString(publication_id))) AS since_publication
    FROM disclosure_decisions
    WHERE publication_id IN {publications:Array(String)}
      AND (source, measure) IN (SELECT DISTINCT source, measure FROM disclosure_decisions WHERE reason = 'withheld')
    GROUP BY source, basis, measure, area_code, period_start, period_end, breakdown, breakdown_value
    HAVING why = 'withheld'
) AS held
INNER JOIN (SELECT publication_id, made_at AS since FROM disclosure_publications) AS made ON made.publication_id = held.since_publication
GROUP BY source, measure
ORDER BY source, measure
