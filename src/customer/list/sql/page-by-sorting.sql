-- Which customers are on a page? Finds all customers who meet the conditions, then sorts them.
-- Chosen: few meet the conditions, so that a walk in the order of the sort would skip too many.
-- :limit: the number of customers on the page. :offset: the number of customers before it.
-- Reads: customer_by_created_at, or customer_first_touch, customer_first_sale or customer_by_last_sale_at if the first touch or a sale is bounded, or customer_by_email, or the table customer if a text is searched.
SELECT cast(sort_value AS TEXT) AS sortValue,
       /* columns */ c.*
FROM (
  SELECT c.id AS customer_id,
         /* sort */ c.created_at AS sort_value
  FROM customer AS c
       /* index */ INDEXED BY customer_by_created_at
  WHERE c.deleted_at IS NULL
    AND c.first_touch_at IS NOT NULL
    AND /* after */ TRUE
    AND /* conditions */ TRUE
  ORDER BY /* order */ sort_value DESC, customer_id DESC
  LIMIT :limit OFFSET :offset
)
CROSS JOIN customer AS c ON c.id = customer_id
ORDER BY /* order */ sort_value DESC, customer_id DESC
