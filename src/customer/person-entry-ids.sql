-- Which entries name this person, whoever owns them? Their ids, sorted. Entries are never deleted, so an id stays that of its entry.
-- :customerId is the customer's row id.
-- A refund of another customer's sale names them by an externalId, an email or an alias. If it came before they were known, it declares no customer.
-- Type: 4 refund.
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
ORDER BY id
