-- Which sales of the customer within a range have no rate, and which refunds within the range do they have? Amounts are in their own currency. (definitions §3)
-- :customerId is the row of customer. The range is from :startAt to before :endAt, in milliseconds. Types: 2 sale, 4 refund.
SELECT sale.currency,
       count(*) FILTER (WHERE entry.type = 2)                                     AS sales,
       coalesce(sum(entry.value) FILTER (WHERE entry.type = 2), 0)                AS grossMinor,
       coalesce(sum(entry.applied_refund_minor) FILTER (WHERE entry.type = 4), 0) AS refundsMinor
FROM entry
JOIN entry AS sale ON sale.type = 2 AND sale.key = CASE entry.type WHEN 2 THEN entry.key ELSE entry.sale_key END
WHERE entry.customer_id = :customerId AND entry.at >= :startAt AND entry.at < :endAt
  AND entry.type IN (2, 4) AND entry.is_counted AND entry.amount_minor IS NULL
  AND sale.at >= :startAt AND sale.at < :endAt
GROUP BY sale.currency
ORDER BY sale.currency
