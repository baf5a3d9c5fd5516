-- How many customers have the text but are not listed, because they own no entry and no creation?
-- Chosen: to be subtracted from a count by text, which includes them.
-- Reads: customer_nobody.
SELECT count(*)
FROM customer AS c INDEXED BY customer_nobody
WHERE c.deleted_at IS NULL
  AND c.first_touch_at IS NULL
  AND /* conditions */ TRUE
