SELECT DISTINCT source FROM disclosure_decisions WHERE publication_id IN {publications:Array(String)} ORDER BY source
