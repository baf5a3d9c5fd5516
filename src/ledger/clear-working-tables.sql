-- What remains of a batch when it is done? Nothing: the working tables (working-tables.sql) are emptied for the next one. No parameters.

DELETE FROM temp.batch;
DELETE FROM temp.old_share;
DELETE FROM temp.share_change;
DELETE FROM temp.cell_change;
DELETE FROM temp.unconverted_change;
DELETE FROM temp.arrival;
DELETE FROM temp.added_cell;
DELETE FROM temp.added_unconverted;
