-- Which customers are on a page? Reads an index that has the order of the sort, and skips those who do not meet the conditions.
-- Chosen: the page is full soon because many customers meet the conditions, or the index has every column that the conditions need, or a stretch is read.
-- :limit: the number of customers on the page. :offset: the number of customers before it.
-- Reads: customer_by_created_at, customer_first_touch, customer_by_last_seen_at, customer_by_last_sale_at, customer_by_ltv or customer_by_sales, as the sort says.
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
    AND /* until */ TRUE
    AND /* conditions */ TRUE
  ORDER BY /* order */ sort_value DESC, customer_id DESC
  LIMIT :limit OFFSET :offset
)
CROSS JOIN customer AS c ON c.id = customer_id
ORDER BY /* order */ sort_value DESC, customer_id DESC
