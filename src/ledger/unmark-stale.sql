-- Who is no longer stale? The batch's customers, since the next steps bring them up to date.
-- temp.batch: see working-tables.sql. No parameters.

DELETE FROM stale
WHERE customer_id IN (SELECT customer_id FROM temp.batch);
