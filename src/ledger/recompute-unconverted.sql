-- Which sales of the batch's customers have no rate, by the whole log, in the currency of each sale? (definitions §3)
-- Customers with appended_from are in increment-unconverted.sql.
-- :now is the clock, in milliseconds. Types: 2 sale, 4 refund. temp.whole_batch: see working-tables.sql.
-- The program supplies local_day() and local_month(): see sql-functions.ts. CROSS JOIN, and + before a column, make SQLite start at the batch.

-- Remove the old rows.
DELETE FROM customer_unconverted
WHERE customer_id IN (SELECT customer_id FROM temp.whole_batch);

-- A sale's refunds are in the month of the later of refund and sale. The month is 999999 if that is after the clock.
INSERT INTO customer_unconverted (customer_id, month, sale_day, entry_day, currency, sales, gross_minor, refunds_minor)
SELECT e.customer_id,
       CASE WHEN max(e.at, s.at) <= :now THEN local_month(max(e.at, s.at)) ELSE 999999 END,
       local_day(s.at),
       local_day(e.at),
       s.currency,
       count(*) FILTER (WHERE e.type = 2),
       coalesce(sum(e.value) FILTER (WHERE e.type = 2), 0),
       coalesce(sum(e.applied_refund_minor) FILTER (WHERE e.type = 4), 0)
FROM temp.whole_batch AS b
CROSS JOIN entry AS e ON e.customer_id = b.customer_id
CROSS JOIN entry AS s ON s.type = 2 AND s.key = CASE e.type WHEN 2 THEN e.key ELSE e.sale_key END
WHERE e.is_counted AND +e.type IN (2, 4) AND e.amount_minor IS NULL
GROUP BY 1, 2, 3, 4, 5;
