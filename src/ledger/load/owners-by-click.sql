-- Whose are the other entries of a log that was stored as a whole: by their clicks, then by their visitors, and refunds by their sales?
-- (definitions §5, "Identity") owners-by-name.sql comes first, and has made temp.unowned and temp.email_claim. No parameters.
-- Types: 0 click, 2 sale, 4 refund.

-- A click belongs to the customer whom it names itself, else to that of the first that names its clickId.
INSERT OR IGNORE INTO claim (kind, value, at, type, key, entry_id, customer_id)
SELECT 'click', click_id, CASE type WHEN 0 THEN -1 ELSE at END, type, key, id, customer_id
FROM entry
WHERE click_id IS NOT NULL AND customer_id IS NOT NULL AND type <> 4
ORDER BY click_id, CASE type WHEN 0 THEN -1 ELSE at END, type, key;
UPDATE entry
SET customer_id = (SELECT customer_id FROM claim WHERE kind = 'click' AND value = entry.click_id)
WHERE id IN (SELECT id FROM temp.unowned) AND customer_id IS NULL AND click_id IS NOT NULL;

-- In the order of the table, so that it only grows at its end.
INSERT INTO claim (kind, value, at, type, key, entry_id, customer_id)
SELECT 'email', value, at, type, key, entry_id, customer_id
FROM temp.email_claim
ORDER BY value;

-- A visitor belongs to the customer of the first that carries the visitorId and has a customer without it.
INSERT OR IGNORE INTO claim (kind, value, at, type, key, entry_id, customer_id)
SELECT 'visitor', visitor_id, at, type, key, id, customer_id
FROM entry
WHERE visitor_id IS NOT NULL AND customer_id IS NOT NULL AND type <> 4
ORDER BY visitor_id, at, type, key;
UPDATE entry
SET customer_id = coalesce(
  (SELECT customer_id FROM claim WHERE kind = 'visitor' AND value = entry.visitor_id),
  (SELECT c.customer_id
   FROM entry AS k
   JOIN claim AS c ON c.kind = 'visitor' AND c.value = k.visitor_id
   WHERE entry.type <> 0 AND k.type = 0 AND k.key = entry.click_id))
WHERE id IN (SELECT id FROM temp.unowned) AND customer_id IS NULL;

-- A refund belongs to the customer of its sale.
UPDATE entry
SET customer_id = s.customer_id
FROM entry AS s
WHERE entry.type = 4 AND s.type = 2 AND s.key = entry.sale_key AND s.customer_id IS NOT NULL;

DROP TABLE temp.unowned;
DROP TABLE temp.email_claim;
