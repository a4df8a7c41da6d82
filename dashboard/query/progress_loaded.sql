-- What forces said in the returns that are served. It is dated by when the same
-- words were first served: a file that repeats them does not outdo what was
-- entered on the pages since.
WITH
first_said AS
(
    SELECT
        cityHash64(t.area_code, t.recommendation, t.as_at, t.status, t.owner, t.progress_update, t.evidence_url,
            ifNull(t.review_date, toDate('1970-01-01'))) AS words,
        min(p.published_at) AS said_at
    FROM recommendation_progress AS t
    INNER JOIN published AS p ON p.source = t.source AND p.slice = t.slice AND p.release_id = t.release_id
    WHERE p.published_at <= {as_at:DateTime64(6, 'UTC')}
    GROUP BY words
)
SELECT t.area_code, t.recommendation, t.as_at, t.status, t.owner, t.progress_update, t.evidence_url, t.review_date,
       t.file, t.sheet, t.source_row, t.release_id, f.said_at,
       '' AS entry_id, '' AS who, toDateTime64(0, 6, 'UTC') AS taken_back_at, '' AS taken_back_by, '' AS taken_back_why
FROM recommendation_progress AS t
INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
    ON s.source = t.source AND s.slice = t.slice AND s.release_id = t.release_id
INNER JOIN first_said AS f ON f.words = cityHash64(t.area_code, t.recommendation, t.as_at, t.status, t.owner, t.progress_update, t.evidence_url,
    ifNull(t.review_date, toDate('1970-01-01')))
ORDER BY t.area_code, t.as_at, f.said_at, t.recommendation, t.release_id, t.file, t.sheet, t.source_row
SETTINGS join_use_nulls = 0
