-- How many customers are counted in a figure of an LTV curve? The curves also count erased customers, so those are subtracted.
-- Chosen: the conditions are one period of counted sales, whole months of the first touch, and nothing else.
-- Reads: the table ltv_cell by its primary key, and customer_erased.
SELECT (
  SELECT coalesce(sum(total), 0)
  FROM (
    SELECT
           /* figure */ m.active_month AS total
    FROM ltv_cell AS m
    WHERE /* cells */ TRUE
  )
) - (
  SELECT count(*)
  FROM customer AS c INDEXED BY customer_erased
  WHERE c.deleted_at IS NOT NULL
    AND c.first_touch_at IS NOT NULL
    AND /* conditions */ TRUE
)
