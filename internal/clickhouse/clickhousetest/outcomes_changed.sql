INSERT INTO revisions
SELECT
    o.release_id, o.source, o.slice, 'changed', o.measure, o.area_code, o.basis, o.period_start, o.period_end, o.breakdown, o.breakdown_value,
    {former:String}, o.value - 1, '', concat('outcomes-', toString({edition:UInt32} - 1), '.ods'), o.sheet, o.source_row,
    o.value, o.value_note, o.file, o.sheet, o.source_row
FROM observations AS o
WHERE o.release_id = {release:String} AND {former:String} != '' AND (o.source_row - 2) % 30 = 0
