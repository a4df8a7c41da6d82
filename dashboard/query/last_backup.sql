SELECT backup_id, began_at, ended_at, asked_by, outcome, as_at, figures, byte_count, added_bytes, problem
FROM backups
WHERE outcome != 'failed'
ORDER BY began_at DESC, backup_id DESC
LIMIT 1
