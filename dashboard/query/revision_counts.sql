-- How many figures of each area published runs changed, took away and brought.
SELECT v.area_code AS area, countIf(v.change = 'changed'), countIf(v.change = 'gone'), countIf(v.change = 'new')
FROM revisions AS v
WHERE (v.run_id, v.source) IN (SELECT run_id, source FROM published GROUP BY run_id, source HAVING min(published_at) >= {since:DateTime64(6, 'UTC')})
  -- By run alone too, which the primary key finds.
  AND v.run_id IN (SELECT run_id FROM published GROUP BY run_id, source HAVING min(published_at) >= {since:DateTime64(6, 'UTC')})
  AND (empty({sources:Array(String)}) OR v.source IN {sources:Array(String)})
  AND (empty({measures:Array(String)}) OR v.measure IN {measures:Array(String)})
GROUP BY area
