-- How many customers besides the candidates meet the conditions? Continues after the last candidate.
-- Chosen: collect-by-filters.sql found more than are kept.
-- Reads: the table candidate for its last row; customer_by_created_at, or customer_first_touch, customer_first_sale or customer_by_last_sale_at if the first touch or a sale is bounded, or customer_by_last_seen_at if nothing but that is, or customer_by_source if the rest is a period of sales, or customer_by_email, or the table customer if a text is searched.
WITH
  last AS MATERIALIZED (
    SELECT id, email, source, created_at, first_touch_at, first_sale_at, last_sale_at, last_seen_at
    FROM customer
    WHERE id = (SELECT customer_id FROM temp.candidate ORDER BY position DESC LIMIT 1)
  )
SELECT count(*)
FROM customer AS c
     /* index */ INDEXED BY customer_by_created_at
WHERE c.deleted_at IS NULL
  AND c.first_touch_at IS NOT NULL
  AND /* further */ (c.created_at, c.id) > (SELECT created_at, id FROM last)
  AND /* conditions */ TRUE
