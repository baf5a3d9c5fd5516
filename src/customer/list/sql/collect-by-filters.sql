-- Who meets the conditions? Collects the first :most of them, with their sort value.
-- Chosen: neither the totals nor the search index can tell how many there are.
-- Reads: customer_by_created_at, or customer_first_touch, customer_first_sale or customer_by_last_sale_at if the first touch or a sale is bounded, or customer_by_last_seen_at if nothing but that is, or customer_by_source if the rest is a period of sales, or customer_by_email, or the table customer if a text is searched.
INSERT INTO temp.candidate (customer_id, sort_value)
SELECT c.id,
       /* sort */ c.created_at AS sort_value
FROM customer AS c
     /* index */ INDEXED BY customer_by_created_at
WHERE c.deleted_at IS NULL
  AND c.first_touch_at IS NOT NULL
  AND /* conditions */ TRUE
ORDER BY /* scan_order */ c.created_at, c.id
LIMIT :most
