INSERT INTO observations
WITH
    {each:UInt32} AS each,
    number % each AS line,
    intDiv(number, each) AS cell,
    toDate({start:String}) AS start,
    -- Lines 0 and 1 are types alone, 2 is the total, 3 to 24 are the types of stalking.
    if(line < 25, line - 3, (line - 25) % 22) AS kind
SELECT
    {release:String}, {source:String}, {slice:String},
    multiIf(line = 0, 'stalking_charges', line = 1, 'stalking_victim_does_not_support', line < 25, 'stalking_outcomes',
            concat('offence_', leftPad(toString(intDiv(line - 25, 22) + 1), 2, '0'), '_outcomes')) AS measure,
    {forces:Array(String)}[intDiv(cell, 8) + 1] AS area_code,
    if(cell % 2 = 0, 'recorded in the quarter', 'closed in the quarter') AS basis,
    addMonths(start, 3 * (intDiv(cell, 2) % 4)) AS period_start,
    addMonths(start, 3 * (intDiv(cell, 2) % 4) + 3) - 1 AS period_end,
    if(line < 3, '', 'outcome_type') AS breakdown,
    if(line < 3, '', toString(kind + 1)) AS breakdown_value,
    multiIf(line < 2, 20, line = 2, 440, 10) + cell % 7 + if(number % 30 = 0, {edition:UInt32}, 0) AS value,
    '', '', concat('outcomes-', toString({edition:UInt32}), '.ods'), {slice:String}, number + 2
FROM numbers(length({forces:Array(String)}) * 8 * {each:UInt32})
