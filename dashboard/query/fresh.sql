-- The counts that runs brought or changed and published since a moment, once
-- for each measure, source, basis and period, whatever the area and breakdown.
SELECT v.measure AS measure, v.source AS source, v.basis AS basis, v.period_start AS period_start, v.period_end AS period_end,
       max(v.change = 'new') AS is_new
FROM revisions AS v
INNER JOIN
(
    SELECT run_id, source
    FROM published
    GROUP BY run_id, source
    HAVING min(published_at) >= {since:DateTime64(6, 'UTC')}
) AS p ON p.run_id = v.run_id AND p.source = v.source
WHERE v.run_id IN (SELECT run_id FROM published GROUP BY run_id, source HAVING min(published_at) >= {since:DateTime64(6, 'UTC')}) AND v.change IN ('new', 'changed')
  AND (empty({sources:Array(String)}) OR v.source IN {sources:Array(String)})
  AND (empty({measures:Array(String)}) OR v.measure IN {measures:Array(String)})
  AND (empty({areas:Array(String)}) OR v.area_code IN {areas:Array(String)})
GROUP BY measure, source, basis, period_start, period_end
ORDER BY measure, source, basis, period_start, period_end
