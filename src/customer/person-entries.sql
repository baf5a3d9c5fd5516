-- Which entries tell of this person, whoever they belong to, after a place in the order of their numbers? A refund is in its sale's currency.
-- :customerId is the row of customer. :after is the row of the last entry of the page before, 0 for the first page. :limit is the number of rows at most.
-- A refund of another's sale names them by an externalId or an email. It may have come before they were known: then no customer was declared.
-- Types: 2 sale, 4 refund.
SELECT entry.id, entry.type, entry.at, entry.received_at AS receivedAt, entry.external_id AS externalId, entry.email, entry.name, entry.avatar,
       entry.country, entry.visitor_id AS visitorId, entry.event, entry.click_id AS clickId, entry.link, entry.campaign, entry.source,
       entry.medium, entry.url, entry.referrer, entry.event_id AS eventId, entry.order_id AS orderId, entry.value,
       entry.applied_refund_minor AS appliedRefundMinor, entry.currency, sale.currency AS saleCurrency, entry.status, entry.metadata
FROM entry
LEFT JOIN entry AS sale ON entry.type = 4 AND sale.type = 2 AND sale.key = entry.sale_key
WHERE entry.id > :after
  AND entry.id IN (
    SELECT id FROM entry WHERE customer_id = :customerId
    UNION
    SELECT id FROM entry WHERE type = 4 AND declared_customer_id = :customerId
    UNION
    SELECT entry.id FROM external_id JOIN entry ON entry.external_id = external_id.external_id
    WHERE external_id.customer_id = :customerId AND entry.type = 4 AND entry.declared_customer_id IS NULL
    UNION
    SELECT entry.id FROM claim JOIN entry ON entry.email = claim.value WHERE claim.kind = 'email' AND claim.customer_id = :customerId
    UNION
    SELECT entry.id FROM customer JOIN entry ON entry.email = customer.known_email WHERE customer.id = :customerId
  )
ORDER BY entry.id
LIMIT :limit
