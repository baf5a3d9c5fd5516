-- What did the customer click, what else says where they came from, and what is the net value of each counted sale? In log order. (definitions §1, §4, §9)
-- netMinor is the value minus refunds in the reporting currency. It is null for what is no counted sale, and for sales without a rate.
-- :customerId is the row of customer, :lastId the entry of their latest conversion. Types: 0 click, 1 lead, 2 sale, 3 custom, 4 refund.
SELECT entry.id,
       entry.type,
       entry.at,
       entry.link,
       entry.campaign,
       entry.source,
       entry.medium,
       entry.click_id AS clickId,
       entry.type = 2 AND entry.is_counted AS isCountedSale,
       CASE WHEN entry.type = 2 AND entry.is_counted THEN
         entry.amount_minor - coalesce(
           (SELECT sum(refund.amount_minor) FROM entry AS refund WHERE refund.type = 4 AND refund.sale_key = entry.key AND refund.is_counted),
           0)
       END            AS netMinor
FROM entry
WHERE entry.customer_id = :customerId
  AND (entry.type = 0 OR (entry.type = 2 AND entry.is_counted) OR entry.id = :lastId
       OR (entry.type <> 4 AND (entry.source IS NOT NULL OR entry.campaign IS NOT NULL OR entry.link IS NOT NULL)))
ORDER BY entry.at, entry.type, entry.key
