SELECT backup_id, began_at, ended_at, asked_by, outcome, as_at, figures, byte_count, added_bytes, problem
FROM backups
ORDER BY began_at DESC, backup_id DESC
LIMIT {limit:UInt32}
