-- Which sales of a range have no rate, and which refunds of theirs are in the range too? Amounts are in their own currency. (definitions §3)
-- Whole days :firstDay to :lastDay, since 1970-01-01 in the workspace's zone, come from totals by the days of sale and refund. Where the range
-- begins or ends within a day, entries come one by one: from :headFrom to before :headTo, and from :tailFrom to before :tailTo, in milliseconds.
-- The whole range is from :startAt to before :endAt, and the whole days from :wholeFrom to before :wholeTo. Types: 2 sale, 4 refund.
WITH
  edge (from_at, to_at) AS (
    VALUES (:headFrom, :headTo), (:tailFrom, :tailTo)
  ),
  edge_entry AS (
    SELECT at, type, key, sale_key, currency, value, applied_refund_minor
    FROM edge
    CROSS JOIN entry INDEXED BY entry_money ON at >= from_at AND at < to_at
    WHERE is_counted AND type IN (2, 4) AND customer_id IS NOT NULL AND amount_minor IS NULL
  ),
  part AS (
    SELECT currency, sales, gross_minor, refunds_minor
    FROM revenue_unconverted
    WHERE sale_day BETWEEN :firstDay AND :lastDay AND entry_day BETWEEN :firstDay AND :lastDay
    UNION ALL
    -- Sales within parts of days
    SELECT currency, 1, value, 0
    FROM edge_entry
    WHERE type = 2
    UNION ALL
    -- Refunds within parts of days, of sales anywhere in the range
    SELECT sale.currency, 0, 0, refund.applied_refund_minor
    FROM edge_entry AS refund
    CROSS JOIN entry AS sale ON sale.type = 2 AND sale.key = refund.sale_key
    WHERE refund.type = 4 AND sale.at >= :startAt AND sale.at < :endAt
    UNION ALL
    -- Refunds on whole days, of sales within parts of days
    SELECT sale.currency, 0, 0, refund.applied_refund_minor
    FROM edge_entry AS sale
    CROSS JOIN entry AS refund ON refund.type = 4 AND refund.sale_key = sale.key
    WHERE sale.type = 2 AND refund.is_counted AND refund.at >= :wholeFrom AND refund.at < :wholeTo
  )
SELECT currency,
       sum(sales)         AS sales,
       sum(gross_minor)   AS grossMinor,
       sum(refunds_minor) AS refundsMinor
FROM part
GROUP BY currency
HAVING sum(sales) > 0
ORDER BY currency
