-- Which counted sales of the customer come after a given sale in log order, and what are their values? (definitions §1, §4, §9)
-- :customerId is the row of customer. :after is the row of that sale's entry, or 0 to begin with the first. :limit is the maximum number of rows.
-- appliedRefundMinor is the sum of the sale's counted refunds, in the reporting currency. Types: 2 sale, 4 refund.
SELECT sale.id,
       sale.at,
       sale.order_id     AS orderId,
       sale.amount_minor AS valueMinor,
       coalesce(
         (SELECT sum(refund.amount_minor) FROM entry AS refund WHERE refund.type = 4 AND refund.sale_key = sale.key AND refund.is_counted),
         0)              AS appliedRefundMinor
FROM entry AS sale
WHERE sale.customer_id = :customerId AND sale.type = 2 AND sale.is_counted AND sale.amount_minor IS NOT NULL
  AND sale.at >= coalesce((SELECT at FROM entry WHERE id = :after), 0)
  AND (sale.at, sale.key) > (coalesce((SELECT at FROM entry WHERE id = :after), -1), coalesce((SELECT key FROM entry WHERE id = :after), ''))
ORDER BY sale.at, sale.key
LIMIT :limit
