-- Which counted sales of customers in a range have no rate? Amounts are in their own currency. (definitions §3)
-- Whole days :firstDay to :lastDay, since 1970-01-01 in the workspace's zone, come from totals by the day of sale. Where the range begins or
-- ends within a day, sales come one by one: from :headFrom to before :headTo, and from :tailFrom to before :tailTo, in milliseconds.
-- Types: 2 sale, 4 refund.
WITH
  edge (from_at, to_at) AS (
    VALUES (:headFrom, :headTo), (:tailFrom, :tailTo)
  ),
  part AS (
    SELECT currency, sales, gross_minor, refunds_minor
    FROM revenue_unconverted
    WHERE sale_day BETWEEN :firstDay AND :lastDay
    UNION ALL
    SELECT currency,
           1,
           value,
           (SELECT coalesce(sum(applied_refund_minor), 0) FROM entry AS refund WHERE refund.type = 4 AND refund.sale_key = sale.key AND refund.is_counted)
    FROM edge
    CROSS JOIN entry AS sale INDEXED BY entry_unconverted ON at >= from_at AND at < to_at
    WHERE type = 2 AND is_counted AND amount_minor IS NULL AND customer_id IS NOT NULL
  )
SELECT currency,
       sum(sales)         AS sales,
       sum(gross_minor)   AS grossMinor,
       sum(refunds_minor) AS refundsMinor
FROM part
GROUP BY currency
HAVING sum(sales) > 0
ORDER BY currency
