-- What is the entry with this row number, with the columns that a journey shows? (definitions §4 for a refund's currency)
-- :entryId is the row of entry. Types: 2 sale, 4 refund.
SELECT entry.id, entry.type, entry.at, entry.event, entry.click_id AS clickId, entry.link, entry.campaign, entry.source, entry.medium,
       entry.url, entry.referrer, entry.event_id AS eventId, entry.order_id AS orderId, entry.value, entry.applied_refund_minor AS appliedRefundMinor,
       entry.currency, sale.currency AS saleCurrency, entry.status, entry.metadata
FROM entry
LEFT JOIN entry AS sale ON entry.type = 4 AND sale.type = 2 AND sale.key = entry.sale_key
WHERE entry.id = :entryId
