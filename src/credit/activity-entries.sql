-- What did the customer click and buy, and what else of theirs may say where they came from, from :fromAt on? In no order: sorting is left to
-- the reader, who finds them hardly unsorted. (definitions §1, §9)
-- :customerId is the row of customer. :fromAt is in milliseconds. :hasRefunds is 0 if none of their sales has refunds.
-- netMinor is null for what is no counted sale, and for sales without a rate.
-- Types: 0 click, 2 sale, 4 refund.
SELECT e.id,
       e.at,
       e.type,
       e.source,
       e.campaign,
       e.link,
       e.click_id AS clickId,
       e.key,
       CASE WHEN e.type = 2 AND e.is_counted THEN
         e.amount_minor - CASE WHEN :hasRefunds THEN
           coalesce((SELECT sum(r.amount_minor) FROM entry AS r WHERE r.type = 4 AND r.sale_key = e.key AND r.is_counted), 0)
         ELSE 0 END
       END        AS netMinor
FROM entry AS e
WHERE e.customer_id = :customerId AND e.at >= :fromAt
  AND (e.type = 0 OR (e.type = 2 AND e.is_counted)
       OR (e.type <> 4 AND (e.source IS NOT NULL OR e.campaign IS NOT NULL OR e.link IS NOT NULL)))
