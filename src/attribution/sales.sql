-- What is each counted sale of the customer worth, its refunds taken off, in the reporting currency? (definitions §4, §9)
SELECT sale.at,
       sale.amount_minor - coalesce(
         (SELECT sum(refund.amount_minor) FROM entry AS refund WHERE refund.type = 4 AND refund.sale_key = sale.key AND refund.counts),
         0) AS netMinor
FROM entry AS sale
WHERE sale.customer_id = :customerId AND sale.type = 2 AND sale.counts AND sale.amount_minor IS NOT NULL
ORDER BY sale.at, sale.key
