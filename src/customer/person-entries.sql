-- What is stored in these entries? Sorted by id. A refund is in the currency of its sale.
-- :ids is a JSON array of ids of entries. Types: 2 sale, 4 refund.
SELECT entry.id, entry.type, entry.at, entry.received_at AS receivedAt, entry.external_id AS externalId, entry.email, entry.aliases, entry.name, entry.avatar,
       entry.country, entry.visitor_id AS visitorId, entry.event, entry.click_id AS clickId, entry.link, entry.campaign, entry.source,
       entry.medium, entry.url, entry.referrer, entry.event_id AS eventId, entry.order_id AS orderId, entry.value,
       entry.applied_refund_minor AS appliedRefundMinor, entry.currency, sale.currency AS saleCurrency, entry.status, entry.metadata
FROM entry
LEFT JOIN entry AS sale ON entry.type = 4 AND sale.type = 2 AND sale.key = entry.sale_key
WHERE entry.id IN (SELECT value FROM json_each(:ids))
ORDER BY entry.id
