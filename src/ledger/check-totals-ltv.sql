-- Which totals of the LTV curves and of sales without a rate differ from the sum of the customers? Each statement returns the name of its table if it differs, else no row.
-- For each key, the stored figures minus those of the customers must be zero. So a row of zeros is the same as no row.
-- temp.share: see working-tables.sql. No parameters.

SELECT 'unconverted_total'
WHERE EXISTS (
  SELECT 1
  FROM (
    SELECT day, month, currency, sales, gross_minor, refunds_minor FROM unconverted_total
    UNION ALL
    SELECT s.day, u.month, u.currency, -u.sales, -u.gross_minor, -u.refunds_minor
    FROM customer_unconverted AS u JOIN temp.share AS s ON s.customer_id = u.customer_id
  )
  GROUP BY day, month, currency
  HAVING (sum(sales), sum(gross_minor), sum(refunds_minor)) <> (0, 0, 0));

SELECT 'ltv_cohort'
WHERE EXISTS (
  SELECT 1
  FROM (
    SELECT cohort_month, customers FROM ltv_cohort
    UNION ALL
    SELECT cohort_month, -customers FROM temp.share WHERE cohort_month IS NOT NULL
  )
  GROUP BY cohort_month
  HAVING sum(customers) <> 0);

SELECT 'ltv_cell'
WHERE EXISTS (
  SELECT 1
  FROM (
    SELECT cohort_month, month, period, revenue_minor, active_month, active_period, new_paying FROM ltv_cell
    UNION ALL
    SELECT s.cohort_month, m.month, m.period, m.refunds_minor - m.gross_minor, -m.active_month, -m.active_period, -m.new_paying
    FROM customer_cell AS m JOIN temp.share AS s ON s.customer_id = m.customer_id
    WHERE s.cohort_month IS NOT NULL AND m.month < 999999
  )
  GROUP BY cohort_month, month, period
  HAVING (sum(revenue_minor), sum(active_month), sum(active_period), sum(new_paying)) <> (0, 0, 0, 0));
