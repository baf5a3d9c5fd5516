-- How many have the text but are not listed, because nothing is theirs (any more)?
-- Chosen: to be taken off a count by text, which cannot tell them from the others.
-- Reads: customer_nobody.
SELECT count(*)
FROM customer AS c INDEXED BY customer_nobody
WHERE c.deleted_at IS NULL
  AND c.first_touch_at IS NULL
  AND /* conditions */ TRUE
