-- Which sales of the customers whose first touch is in a range have no rate? Amounts are in their own currency. (definitions §3)
-- Whole days :firstDay to :lastDay, since 1970-01-01 in the workspace's zone, come from daily totals. Where the range begins or ends within
-- a day, customers come one by one: those first touched from :headFrom to before :headTo, and from :tailFrom to before :tailTo, in milliseconds.
WITH
  part AS (
    SELECT currency, sales, gross_minor, refunds_minor
    FROM unconverted_total
    WHERE day BETWEEN :firstDay AND :lastDay
    UNION ALL
    SELECT own.currency, own.sales, own.gross_minor, own.refunds_minor
    FROM customer CROSS JOIN customer_unconverted AS own ON own.customer_id = customer.id
    WHERE (first_touch_at >= :headFrom AND first_touch_at < :headTo)
       OR (first_touch_at >= :tailFrom AND first_touch_at < :tailTo)
  )
SELECT currency,
       sum(sales)         AS sales,
       sum(gross_minor)   AS grossMinor,
       sum(refunds_minor) AS refundsMinor
FROM part
GROUP BY currency
HAVING sum(sales) > 0
ORDER BY currency
