-- Who is no longer stale? The customers of the batch: all of them are brought up to date by the steps that follow.
-- temp.batch: see working-tables.sql. No parameters.

DELETE FROM stale
WHERE customer_id IN (SELECT customer_id FROM temp.batch);
