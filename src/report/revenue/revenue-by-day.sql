-- What happened on each day of a range: new customers, first sales, sales and refunds? A day can have several rows, which add up. (definitions §7)
-- Whole days :firstDay to :lastDay, since 1970-01-01 in the workspace's zone, come from daily totals. Where the range begins or ends within
-- a day, customers and entries come one by one: from :headFrom to before :headTo, and from :tailFrom to before :tailTo, in milliseconds.
-- Types: 2 sale, 4 refund. The program supplies local_day(): see sql-functions.ts.
WITH
  edge (from_at, to_at) AS (
    VALUES (:headFrom, :headTo), (:tailFrom, :tailTo)
  )
SELECT day, customers AS newCustomers, 0 AS newPayingCustomers, 0 AS sales, 0 AS grossMinor, 0 AS refundsMinor, 0 AS firstSaleMinor
FROM cohort_day
WHERE day BETWEEN :firstDay AND :lastDay
UNION ALL
SELECT day, 0, new_paying, sales, gross_minor, refunds_minor, first_sale_minor
FROM revenue_day
WHERE day BETWEEN :firstDay AND :lastDay
UNION ALL
SELECT first_touch_day, count(*), 0, 0, 0, 0, 0
FROM edge
CROSS JOIN customer ON first_touch_at >= from_at AND first_touch_at < to_at
GROUP BY first_touch_day
UNION ALL
SELECT local_day(first_sale_at), 0, count(*), 0, 0, 0, sum(first_sale_minor)
FROM edge
CROSS JOIN customer ON first_sale_at >= from_at AND first_sale_at < to_at
GROUP BY 1
UNION ALL
SELECT local_day(at), 0, 0,
       count(*) FILTER (WHERE type = 2),
       coalesce(sum(amount_minor) FILTER (WHERE type = 2), 0),
       coalesce(sum(amount_minor) FILTER (WHERE type = 4), 0),
       0
FROM edge
CROSS JOIN entry INDEXED BY entry_money ON at >= from_at AND at < to_at
WHERE is_counted AND type IN (2, 4) AND customer_id IS NOT NULL AND amount_minor IS NOT NULL
GROUP BY 1
