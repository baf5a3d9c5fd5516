-- What did the customer do within a range, after a place in log order? (definitions §1) A refund is in its sale's currency (§4).
-- :customerId is the row of customer. The range is from :fromAt to before :endAt, in milliseconds. The place is :afterAt, :afterType, :afterKey.
-- :limit is the maximum number of rows.
SELECT entry.id, entry.type, entry.at, entry.key, entry.event, entry.click_id AS clickId, entry.link, entry.campaign, entry.source, entry.medium,
       entry.url, entry.referrer, entry.event_id AS eventId, entry.order_id AS orderId, entry.value, entry.applied_refund_minor AS appliedRefundMinor,
       entry.currency, sale.currency AS saleCurrency, entry.status, entry.metadata
FROM entry
LEFT JOIN entry AS sale ON entry.type = 4 AND sale.type = 2 AND sale.key = entry.sale_key
WHERE entry.customer_id = :customerId
  AND entry.at >= :fromAt AND entry.at < :endAt
  AND (+entry.at, entry.type, entry.key) > (:afterAt, :afterType, :afterKey)
ORDER BY entry.at, entry.type, entry.key
LIMIT :limit
