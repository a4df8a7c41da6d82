SELECT t.area_code, t.recommendation, t.as_at, t.status, t.owner, t.progress_update, t.evidence_url, t.review_date,
       t.file, t.sheet, t.source_row
FROM recommendation_progress AS t
INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
    ON s.source = t.source AND s.slice = t.slice AND s.release_id = t.release_id
WHERE {area:String} = '' OR t.area_code = {area:String}
ORDER BY t.area_code, t.as_at, t.recommendation
