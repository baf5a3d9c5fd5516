-- What do the changes (find-changes.sql) add to the totals of sales without a rate? (definitions §3)
-- temp.unconverted_change has the old rows, as negative figures, and the new ones. No parameters.

INSERT INTO unconverted_total AS t (day, month, currency, sales, gross_minor, refunds_minor)
SELECT first_touch_day, month, currency, sum(sales), sum(gross_minor), sum(refunds_minor)
FROM temp.unconverted_change
GROUP BY first_touch_day, month, currency
HAVING (sum(sales), sum(gross_minor), sum(refunds_minor)) <> (0, 0, 0)
ON CONFLICT DO UPDATE SET
  sales         = t.sales         + excluded.sales,
  gross_minor   = t.gross_minor   + excluded.gross_minor,
  refunds_minor = t.refunds_minor + excluded.refunds_minor;
