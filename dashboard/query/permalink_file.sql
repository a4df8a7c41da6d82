-- The parts of a file that is kept under a permanent link, in order.
SELECT part, bytes
FROM permalink_files
WHERE permalink_id = {permalink:String} AND file = {file:String}
ORDER BY part
