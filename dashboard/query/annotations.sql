-- What stands on the charts of all areas: what was taken back is left out.
SELECT annotation_id, made_at, who, kind, measure, basis, area_code, source, series_basis, period_kind, day, target, words
FROM annotations
WHERE takes_back = '' AND made_at <= {as_at:DateTime64(6, 'UTC')}
  AND annotation_id NOT IN
  (
      SELECT takes_back
      FROM annotations
      WHERE takes_back != '' AND made_at <= {as_at:DateTime64(6, 'UTC')}
  )
ORDER BY made_at, annotation_id
