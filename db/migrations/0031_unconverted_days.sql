-- Sales without a rate are kept by their own day, so that a report about sales of a range reads totals. Before, a row had the days of the
-- earlier and of the later of sale and refund; rows of two different days are computed anew.
ALTER TABLE customer_unconverted RENAME COLUMN first_day TO sale_day;
ALTER TABLE customer_unconverted RENAME COLUMN last_day TO entry_day;
ALTER TABLE revenue_unconverted RENAME COLUMN first_day TO sale_day;
ALTER TABLE revenue_unconverted RENAME COLUMN last_day TO entry_day;
INSERT INTO stale (customer_id, due_at)
SELECT DISTINCT customer_id, 0 FROM customer_unconverted WHERE sale_day <> entry_day
ON CONFLICT (customer_id) DO UPDATE SET due_at = 0, appended_from = NULL;
