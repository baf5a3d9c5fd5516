-- How many customers are counted in a figure of a cohort report? The totals also count erased customers, so those are subtracted.
-- Chosen: the conditions are days of the first touch, one source or campaign and one figure at most, and nothing else.
-- The table and the figure are chosen in ../count-by-totals.ts: a source alone is read from cohort_key.
-- Reads: the table cohort_day, cohort_key or cohort_key_day, each by its primary key, and customer_erased.
SELECT (
  SELECT coalesce(sum(total), 0)
  FROM (
    SELECT
           /* figure */ customers AS total
    FROM
         /* totals */ cohort_day
    WHERE /* cells */ TRUE
  )
) - (
  SELECT count(*)
  FROM customer AS c INDEXED BY customer_erased
  WHERE c.deleted_at IS NOT NULL
    AND c.first_touch_at IS NOT NULL
    AND /* conditions */ TRUE
)
