-- Which totals are not what the customers' own columns add up to? One row names each table that differs; zeros are as good as no row.

WITH stored AS (SELECT * FROM cohort_day WHERE (customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers) <> (0, 0, 0, 0, 0, 0, 0)),
computed AS (
  SELECT first_touch_day, count(*), sum(has_lead), sum(sales > 0), sum(sales), sum(gross_minor), sum(refunds_minor), sum(sales > 1)
  FROM customer WHERE first_touch_at IS NOT NULL GROUP BY 1)
SELECT 'cohort_day' WHERE EXISTS (SELECT * FROM stored EXCEPT SELECT * FROM computed) OR EXISTS (SELECT * FROM computed EXCEPT SELECT * FROM stored);

WITH stored AS (SELECT * FROM cohort_key WHERE (customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers) <> (0, 0, 0, 0, 0, 0, 0)),
computed AS (
  SELECT g.grouping, CASE g.grouping WHEN 'source' THEN source ELSE campaign END,
         count(*), sum(has_lead), sum(sales > 0), sum(sales), sum(gross_minor), sum(refunds_minor), sum(sales > 1)
  FROM customer CROSS JOIN (SELECT 'source' AS grouping UNION ALL SELECT 'campaign') AS g WHERE first_touch_at IS NOT NULL GROUP BY 1, 2)
SELECT 'cohort_key' WHERE EXISTS (SELECT * FROM stored EXCEPT SELECT * FROM computed) OR EXISTS (SELECT * FROM computed EXCEPT SELECT * FROM stored);

WITH stored AS (SELECT * FROM cohort_key_day WHERE (customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers) <> (0, 0, 0, 0, 0, 0, 0)),
computed AS (
  SELECT g.grouping, first_touch_day, CASE g.grouping WHEN 'source' THEN source ELSE campaign END,
         count(*), sum(has_lead), sum(sales > 0), sum(sales), sum(gross_minor), sum(refunds_minor), sum(sales > 1)
  FROM customer CROSS JOIN (SELECT 'source' AS grouping UNION ALL SELECT 'campaign') AS g WHERE first_touch_at IS NOT NULL GROUP BY 1, 2, 3)
SELECT 'cohort_key_day' WHERE EXISTS (SELECT * FROM stored EXCEPT SELECT * FROM computed) OR EXISTS (SELECT * FROM computed EXCEPT SELECT * FROM stored);

WITH stored AS (SELECT * FROM cohort_key_month WHERE (customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers) <> (0, 0, 0, 0, 0, 0, 0)),
computed AS (
  SELECT g.grouping, first_touch_month, CASE g.grouping WHEN 'source' THEN source ELSE campaign END,
         count(*), sum(has_lead), sum(sales > 0), sum(sales), sum(gross_minor), sum(refunds_minor), sum(sales > 1)
  FROM customer CROSS JOIN (SELECT 'source' AS grouping UNION ALL SELECT 'campaign') AS g WHERE first_touch_at IS NOT NULL GROUP BY 1, 2, 3)
SELECT 'cohort_key_month' WHERE EXISTS (SELECT * FROM stored EXCEPT SELECT * FROM computed) OR EXISTS (SELECT * FROM computed EXCEPT SELECT * FROM stored);

WITH stored AS (SELECT * FROM unconverted_total WHERE (sales, gross_minor, refunds_minor) <> (0, 0, 0)),
computed AS (
  SELECT c.first_touch_day, u.month, u.currency, sum(u.sales), sum(u.gross_minor), sum(u.refunds_minor)
  FROM customer_unconverted AS u JOIN customer AS c ON c.id = u.customer_id WHERE c.first_touch_at IS NOT NULL GROUP BY 1, 2, 3
  HAVING (sum(u.sales), sum(u.gross_minor), sum(u.refunds_minor)) <> (0, 0, 0))
SELECT 'unconverted_total' WHERE EXISTS (SELECT * FROM stored EXCEPT SELECT * FROM computed) OR EXISTS (SELECT * FROM computed EXCEPT SELECT * FROM stored);

WITH stored AS (SELECT * FROM ltv_cohort WHERE customers <> 0),
computed AS (SELECT cohort_month, count(*) FROM customer WHERE cohort_month IS NOT NULL GROUP BY 1)
SELECT 'ltv_cohort' WHERE EXISTS (SELECT * FROM stored EXCEPT SELECT * FROM computed) OR EXISTS (SELECT * FROM computed EXCEPT SELECT * FROM stored);

WITH stored AS (SELECT * FROM ltv_cell WHERE (revenue_minor, active_month, active_period, new_paying) <> (0, 0, 0, 0)),
computed AS (
  SELECT c.cohort_month, m.month, m.period, sum(m.revenue_minor), sum(m.active_month), sum(m.active_period), sum(m.new_paying)
  FROM customer_cell AS m JOIN customer AS c ON c.id = m.customer_id WHERE c.cohort_month IS NOT NULL GROUP BY 1, 2, 3
  HAVING (sum(m.revenue_minor), sum(m.active_month), sum(m.active_period), sum(m.new_paying)) <> (0, 0, 0, 0))
SELECT 'ltv_cell' WHERE EXISTS (SELECT * FROM stored EXCEPT SELECT * FROM computed) OR EXISTS (SELECT * FROM computed EXCEPT SELECT * FROM stored);
