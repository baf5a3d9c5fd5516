-- What did the customer click, and what is the net value of each counted sale? In log order. (definitions §1, §4, §9)
-- netMinor is the value minus refunds in the reporting currency. It is null for clicks, and for sales without a rate.
-- :customerId is the row of customer. Types: 0 click, 2 sale, 4 refund.
SELECT entry.type,
       entry.at,
       entry.link,
       entry.campaign,
       entry.source,
       entry.medium,
       entry.click_id AS clickId,
       CASE entry.type WHEN 2 THEN
         entry.amount_minor - coalesce(
           (SELECT sum(refund.amount_minor) FROM entry AS refund WHERE refund.type = 4 AND refund.sale_key = entry.key AND refund.is_counted),
           0)
       END            AS netMinor
FROM entry
WHERE entry.customer_id = :customerId AND (entry.type = 0 OR (entry.type = 2 AND entry.is_counted))
ORDER BY entry.at, entry.type, entry.key
