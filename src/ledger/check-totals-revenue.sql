-- Which totals of revenue over time differ from the sum of the customers? Each statement returns the name of its table if it differs, else no row.
-- For each key, the stored figures minus those of the customers must be zero. So a row of zeros is the same as no row. No parameters.

SELECT 'revenue_day'
WHERE EXISTS (
  SELECT 1
  FROM (
    SELECT day, new_paying, sales, gross_minor, refunds_minor, first_sale_minor FROM revenue_day
    UNION ALL
    SELECT day, -new_paying, -sales, -gross_minor, -refunds_minor, -first_sale_minor FROM customer_cell
  )
  GROUP BY day
  HAVING (sum(new_paying), sum(sales), sum(gross_minor), sum(refunds_minor), sum(first_sale_minor)) <> (0, 0, 0, 0, 0));

SELECT 'revenue_unconverted'
WHERE EXISTS (
  SELECT 1
  FROM (
    SELECT sale_day, entry_day, currency, sales, gross_minor, refunds_minor FROM revenue_unconverted
    UNION ALL
    SELECT sale_day, entry_day, currency, -sales, -gross_minor, -refunds_minor FROM customer_unconverted
  )
  GROUP BY sale_day, entry_day, currency
  HAVING (sum(sales), sum(gross_minor), sum(refunds_minor)) <> (0, 0, 0));
