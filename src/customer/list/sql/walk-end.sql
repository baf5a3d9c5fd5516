-- Where does page-in-order.sql stop? At the customer who comes :most places later in the order of the sort.
-- Chosen: before a page is read in order whose customers may all be at the far end, or a stretch.
-- Reads: customer_by_created_at, customer_first_touch, customer_by_last_seen_at, customer_by_last_sale_at, customer_by_ltv or customer_by_sales, as the sort says.
SELECT cast(sort_value AS TEXT) AS value, customer_id AS id
FROM (
  SELECT c.id AS customer_id,
         /* sort */ c.created_at AS sort_value
  FROM customer AS c
       /* index */ INDEXED BY customer_by_created_at
  WHERE c.deleted_at IS NULL
    AND c.first_touch_at IS NOT NULL
    AND /* after */ TRUE
  ORDER BY /* order */ sort_value DESC, customer_id DESC
  LIMIT 1 OFFSET :most
)
