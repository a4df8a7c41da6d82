-- What people entered on the pages of the recommendations, and who took which
-- entry back.
WITH
taken_back AS
(
    SELECT takes_back AS entry_id, min(entered_at) AS at, argMin(who, entered_at) AS by_whom, argMin(progress_update, entered_at) AS reason
    FROM progress_entries
    WHERE takes_back != '' AND entered_at <= {as_at:DateTime64(6, 'UTC')}
    GROUP BY takes_back
)
SELECT e.area_code, e.recommendation, e.as_at, e.status, e.owner, e.progress_update, e.evidence_url, e.review_date,
       '' AS file, '' AS sheet, toUInt32(0) AS source_row, '' AS release_id, e.entered_at,
       e.entry_id, e.who, b.at, b.by_whom, b.reason
FROM progress_entries AS e
LEFT JOIN taken_back AS b ON b.entry_id = e.entry_id
WHERE e.takes_back = '' AND e.entered_at <= {as_at:DateTime64(6, 'UTC')}
ORDER BY e.area_code, e.as_at, e.entered_at, e.recommendation, e.entry_id
SETTINGS join_use_nulls = 0
