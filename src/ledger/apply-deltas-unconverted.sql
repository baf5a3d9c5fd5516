-- What changes in the totals of sales without a rate (definitions §3), now that the batch's customers are up to date?
-- temp.unconverted_change has the old rows, as negative figures (capture-old.sql), and what new entries add (increment-unconverted.sql).
-- temp.whole_batch: see working-tables.sql. No parameters.

-- The new rows of customers who were recomputed.
INSERT INTO temp.unconverted_change (day, month, currency, sales, gross_minor, refunds_minor)
SELECT c.first_touch_day, u.month, u.currency, u.sales, u.gross_minor, u.refunds_minor
FROM temp.whole_batch AS b
CROSS JOIN customer AS c ON c.id = b.customer_id
CROSS JOIN customer_unconverted AS u ON u.customer_id = b.customer_id
WHERE c.first_touch_at IS NOT NULL;

-- Add the changes to the totals.
INSERT INTO unconverted_total AS t (day, month, currency, sales, gross_minor, refunds_minor)
SELECT day, month, currency, sum(sales), sum(gross_minor), sum(refunds_minor)
FROM temp.unconverted_change
GROUP BY day, month, currency
HAVING (sum(sales), sum(gross_minor), sum(refunds_minor)) <> (0, 0, 0)
ON CONFLICT DO UPDATE SET
  sales         = t.sales         + excluded.sales,
  gross_minor   = t.gross_minor   + excluded.gross_minor,
  refunds_minor = t.refunds_minor + excluded.refunds_minor;
