-- How many customers meet the conditions?
-- Chosen: only the number is requested, no text is searched, and the totals cannot tell.
-- Reads: customer_by_created_at, or customer_first_touch or customer_first_sale if the first touch or sale is bounded.
SELECT count(*)
FROM customer AS c
     /* index */ INDEXED BY customer_by_created_at
WHERE c.deleted_at IS NULL
  AND c.first_touch_at IS NOT NULL
  AND /* conditions */ TRUE
