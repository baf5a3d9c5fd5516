-- What did the customers after :after, up to :upTo, click, buy, and say of where they came from, from :fromAt on and before :toAt?
-- In log order. (definitions §1, §9) :after and :upTo are rows of customer; :fromAt and :toAt are milliseconds; :limit is the maximum number of rows.
-- A counted sale's value and its refunds are in the reporting currency. If there is no rate, they are in the sale's own currency, which is
-- unconvertedCurrency. Refunds are looked up only if the customer has any, or is stale. Types: 0 click, 2 sale, 4 refund.
SELECT c.id AS customerId,
       e.at,
       e.type,
       e.source,
       e.campaign,
       e.link,
       e.click_id AS clickId,
       e.type = 2 AND e.is_counted AS isCountedSale,
       coalesce(e.amount_minor, e.value) AS valueMinor,
       CASE WHEN e.type = 2 AND e.is_counted AND (c.refunds_minor > 0 OR e.amount_minor IS NULL OR c.id IN (SELECT customer_id FROM stale)) THEN
         coalesce((SELECT sum(CASE WHEN e.amount_minor IS NULL THEN r.applied_refund_minor ELSE r.amount_minor END)
                   FROM entry AS r WHERE r.type = 4 AND r.sale_key = e.key AND r.is_counted), 0)
       ELSE 0 END AS appliedRefundMinor,
       CASE WHEN e.amount_minor IS NULL THEN e.currency END AS unconvertedCurrency
FROM customer AS c
CROSS JOIN entry AS e ON e.customer_id = c.id AND e.at >= :fromAt AND e.at < :toAt
WHERE c.id > :after AND c.id <= :upTo
  AND (e.type = 0 OR (e.type = 2 AND e.is_counted)
       OR (e.type <> 4 AND (e.source IS NOT NULL OR e.campaign IS NOT NULL OR e.link IS NOT NULL)))
ORDER BY c.id, e.at, e.type, e.key
LIMIT :limit
