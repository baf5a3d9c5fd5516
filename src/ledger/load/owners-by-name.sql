-- Whose are the entries of a log that was stored as a whole, by the names that they bring? (definitions §5, "Identity")
-- The same as identity.ts decides entry by entry, for a log without aliases, profile updates, erased customers and entries of pages. Of the claims
-- to a value the first in log order wins, so each set is inserted in log order and the rest is ignored. owners-by-click.sql goes on. No parameters.
-- Entries with an externalId have their owner already, except for refunds. Types: 0 click, 2 sale, 4 refund.

-- The entries without an owner so far. A refund goes with its sale, once that has its owner.
CREATE TEMP TABLE unowned AS
SELECT id
FROM entry
WHERE customer_id IS NULL AND (type <> 4 OR NOT EXISTS (SELECT 1 FROM entry AS s WHERE s.type = 2 AND s.key = entry.sale_key));

-- An email belongs to the externalId of the first that brought both.
CREATE TEMP TABLE email_claim (value TEXT PRIMARY KEY, at, type, key, entry_id, customer_id) WITHOUT ROWID;
INSERT OR IGNORE INTO temp.email_claim (value, at, type, key, entry_id, customer_id)
SELECT email, at, type, key, id, declared_customer_id
FROM entry
WHERE email IS NOT NULL AND declared_customer_id IS NOT NULL AND type <> 4
ORDER BY email, at, type, key;

-- Whose email belongs to nobody is known by it, in the order of arrival.
INSERT INTO customer (known_email, created_at, updated_at)
SELECT email, received_at, received_at
FROM (SELECT e.email, e.received_at, min(e.id) AS id
      FROM temp.unowned AS u
      CROSS JOIN entry AS e ON e.id = u.id
      WHERE e.declared_customer_id IS NULL AND e.email IS NOT NULL AND e.email NOT IN (SELECT value FROM temp.email_claim)
      GROUP BY e.email)
ORDER BY id;
UPDATE entry
SET customer_id = coalesce(declared_customer_id, (SELECT customer_id FROM temp.email_claim WHERE value = entry.email), (SELECT id FROM customer WHERE known_email = entry.email))
WHERE id IN (SELECT id FROM temp.unowned) AND (declared_customer_id IS NOT NULL OR email IS NOT NULL);
