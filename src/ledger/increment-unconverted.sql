-- Which new entries are sales without a rate, or their refunds, in the currency of the sale? (definitions §3)
-- Types: 2 sale, 4 refund. temp.arrival and temp.added_unconverted: see working-tables.sql. No parameters.
-- The program supplies local_day(): see sql-functions.ts.

-- Their sums by the days of sale and refund and the currency of the sale.
INSERT INTO temp.added_unconverted (customer_id, month, sale_day, entry_day, currency, sales, gross_minor, refunds_minor)
SELECT a.customer_id,
       a.month,
       local_day(s.at),
       a.day,
       s.currency,
       count(*) FILTER (WHERE a.type = 2),
       coalesce(sum(a.value) FILTER (WHERE a.type = 2), 0),
       coalesce(sum(a.applied_refund_minor) FILTER (WHERE a.type = 4), 0)
FROM temp.arrival AS a
CROSS JOIN entry AS s ON s.type = 2 AND s.key = CASE a.type WHEN 2 THEN a.key ELSE a.sale_key END
WHERE a.is_counted AND a.type IN (2, 4) AND a.amount_minor IS NULL
GROUP BY 1, 2, 3, 4, 5;

-- Add them to the customers' sales without a rate.
INSERT INTO customer_unconverted AS t
SELECT * FROM temp.added_unconverted
WHERE true -- SQLite needs a WHERE between SELECT and ON CONFLICT
ON CONFLICT DO UPDATE SET
  sales         = t.sales         + excluded.sales,
  gross_minor   = t.gross_minor   + excluded.gross_minor,
  refunds_minor = t.refunds_minor + excluded.refunds_minor;

-- Note them as changes of the totals.
INSERT INTO temp.unconverted_change
SELECT c.first_touch_day, a.month, a.sale_day, a.entry_day, a.currency, a.sales, a.gross_minor, a.refunds_minor
FROM temp.added_unconverted AS a
CROSS JOIN customer AS c ON c.id = a.customer_id;
