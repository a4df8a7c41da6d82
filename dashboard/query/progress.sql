-- What was loaded is dated by when the same words were first served: a file
-- that repeats them does not outdo what was entered since.
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
),
loaded AS
(
    SELECT t.area_code AS area_code, t.recommendation AS recommendation, t.as_at AS as_at, t.status AS status, t.owner AS owner,
        t.progress_update AS progress_update, t.evidence_url AS evidence_url, t.review_date AS review_date,
        t.file AS file, t.sheet AS sheet, t.source_row AS source_row, t.release_id AS release_id,
        cityHash64(t.area_code, t.recommendation, t.as_at, t.status, t.owner, t.progress_update, t.evidence_url,
            ifNull(t.review_date, toDate('1970-01-01'))) AS words
    FROM recommendation_progress AS t
    INNER JOIN served(as_at = {as_at:DateTime64(6, 'UTC')}) AS s
        ON s.source = t.source AND s.slice = t.slice AND s.release_id = t.release_id
),
taken_back AS
(
    SELECT takes_back AS entry_id, min(entered_at) AS at, argMin(who, entered_at) AS by_whom, argMin(progress_update, entered_at) AS reason
    FROM progress_entries
    WHERE takes_back != '' AND entered_at <= {as_at:DateTime64(6, 'UTC')}
    GROUP BY takes_back
)
SELECT *
FROM
(
    SELECT l.area_code AS area_code, l.recommendation AS recommendation, l.as_at AS as_at, l.status AS status, l.owner AS owner,
        l.progress_update AS progress_update, l.evidence_url AS evidence_url, l.review_date AS review_date,
        l.file AS file, l.sheet AS sheet, l.source_row AS source_row, l.release_id AS release_id,
        f.said_at AS said_at, '' AS entry_id, '' AS who,
        toDateTime64(0, 6, 'UTC') AS taken_back_at, '' AS taken_back_by, '' AS taken_back_why
    FROM loaded AS l
    INNER JOIN first_said AS f ON f.words = l.words
    UNION ALL
    SELECT e.area_code, e.recommendation, e.as_at, e.status, e.owner,
        e.progress_update, e.evidence_url, e.review_date,
        '', '', toUInt32(0), '',
        e.entered_at, e.entry_id, e.who,
        b.at, b.by_whom, b.reason
    FROM progress_entries AS e
    LEFT JOIN taken_back AS b ON b.entry_id = e.entry_id
    WHERE e.takes_back = '' AND e.entered_at <= {as_at:DateTime64(6, 'UTC')}
)
WHERE {area:String} = '' OR area_code = {area:String}
ORDER BY area_code, as_at, said_at, recommendation, entry_id, release_id, file, sheet, source_row
SETTINGS join_use_nulls = 0
