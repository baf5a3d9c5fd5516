-- Which entries name this person, whoever owns them? Sorted by id, one page at a time. A refund is in the currency of its sale.
-- :customerId is the customer's row id, :after the id of the last entry of the previous page (0 for the first page), :limit the size of a page.
-- A refund of another customer's sale names them by an externalId, an email or an alias. If it came before they were known, it declares no customer.
-- Types: 2 sale, 4 refund.
SELECT entry.id, entry.type, entry.at, entry.received_at AS receivedAt, entry.external_id AS externalId, entry.email, entry.aliases, entry.name, entry.avatar,
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
    UNION
    SELECT entry_alias.entry_id FROM claim JOIN entry_alias ON entry_alias.alias = claim.value WHERE claim.kind = 'alias' AND claim.customer_id = :customerId
    UNION
    SELECT entry_alias.entry_id FROM customer JOIN entry_alias ON entry_alias.alias = customer.known_alias WHERE customer.id = :customerId
  )
ORDER BY entry.id
LIMIT :limit
