SELECT countIf(v.change = 'changed'), countIf(v.change = 'gone'), countIf(v.change = 'new')
FROM revisions AS v
INNER JOIN
(
    SELECT run_id, source, min(published_at) AS published_at
    FROM published
    GROUP BY run_id, source
    HAVING published_at >= {since:DateTime64(6, 'UTC')}
) AS p ON p.run_id = v.run_id AND p.source = v.source
WHERE v.run_id IN (SELECT run_id FROM published GROUP BY run_id, source HAVING min(published_at) >= {since:DateTime64(6, 'UTC')})
  AND (empty({sources:Array(String)}) OR v.source IN {sources:Array(String)})
  AND (empty({measures:Array(String)}) OR v.measure IN {measures:Array(String)})
  AND (empty({areas:Array(String)}) OR v.area_code IN {areas:Array(String)})
