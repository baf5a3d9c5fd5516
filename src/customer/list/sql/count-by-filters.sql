-- How many customers meet the conditions?
-- Chosen: only the number is requested, no text is searched, and the totals cannot tell.
-- Reads: customer_by_created_at, or customer_first_touch, customer_first_sale or customer_by_last_sale_at if the first touch or a sale is bounded, or customer_by_last_seen_at if nothing but that is, or customer_by_source if the rest is a period of sales, or customer_by_email.
SELECT count(*)
FROM customer AS c
     /* index */ INDEXED BY customer_by_created_at
WHERE c.deleted_at IS NULL
  AND c.first_touch_at IS NOT NULL
  AND /* conditions */ TRUE
