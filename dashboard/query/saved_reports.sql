-- The saved reports that stand, the newest first, or the one that is asked for,
-- each with its first removal, its newest delivery, and when the newest that did
-- not fail was due or began.
SELECT report_id, saved_at, who, name, kind, filters, in_words, audience, schedule, place, first_at, by_whom, because,
       last.1, last.2, last.3, last.4, last.5, last.6, last.7, last.8, last.9, last.10, last.11, taken
FROM saved_reports
LEFT JOIN
(
    SELECT report_id, min(removed_at) AS first_at, argMin(who, removed_at) AS by_whom, argMin(why, removed_at) AS because
    FROM saved_report_removals
    GROUP BY report_id
) AS removed USING (report_id)
LEFT JOIN
(
    SELECT report_id,
           argMax(tuple(due_at, recorded_at, began_at, place, toString(outcome), file, row_count, byte_count, sha256, as_at, problem), tuple(recorded_at, outcome != 'sending')) AS last
    FROM report_deliveries
    GROUP BY report_id
) AS newest USING (report_id)
LEFT JOIN
(
    SELECT report_id, max(greatest(due_at, began_at)) AS taken
    FROM
    (
        -- A mail is first recorded as being sent, and then as what came of it.
        SELECT report_id, due_at, began_at, argMax(outcome, tuple(recorded_at, outcome != 'sending')) AS ended
        FROM report_deliveries
        GROUP BY report_id, due_at, began_at
    )
    WHERE ended != 'failed'
    GROUP BY report_id
) AS done USING (report_id)
WHERE ({report:String} = '' AND first_at = toDateTime64(0, 6, 'UTC')) OR report_id = {report:String}
ORDER BY saved_at DESC, report_id DESC
LIMIT {limit:UInt32}
SETTINGS join_use_nulls = 0
