-- Which counted sales of the customer come after one of them in log order, and what is each worth? (definitions §1, §4, §9)
-- :after is the number of that sale's entry; 0: from the first. taken is what its counted refunds take, in the reporting currency.
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
