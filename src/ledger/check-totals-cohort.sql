-- Which totals of cohorts differ from the sum of the customers? Each statement returns the name of its table if it differs, else no row.
-- For each key, the stored figures minus those of the customers must be zero. So a row of zeros is the same as no row.
-- temp.share and temp.grouping: see working-tables.sql. No parameters.

SELECT 'cohort_day'
WHERE EXISTS (
  SELECT 1
  FROM (SELECT day, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers FROM cohort_day
        UNION ALL
        SELECT s.day, -s.customers, -s.leads, -s.paying_customers, -s.sales, -s.gross_minor, -s.refunds_minor, -s.repeat_customers
        FROM temp.share AS s)
  GROUP BY day
  HAVING (sum(customers), sum(leads), sum(paying_customers), sum(sales), sum(gross_minor), sum(refunds_minor), sum(repeat_customers)) <> (0, 0, 0, 0, 0, 0, 0));

SELECT 'cohort_key'
WHERE EXISTS (
  SELECT 1
  FROM (SELECT grouping, key, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers FROM cohort_key
        UNION ALL
        SELECT g.grouping, CASE g.grouping WHEN 'source' THEN s.source ELSE s.campaign END, -s.customers, -s.leads, -s.paying_customers, -s.sales, -s.gross_minor, -s.refunds_minor, -s.repeat_customers
        FROM temp.share AS s CROSS JOIN temp.grouping AS g)
  GROUP BY grouping, key
  HAVING (sum(customers), sum(leads), sum(paying_customers), sum(sales), sum(gross_minor), sum(refunds_minor), sum(repeat_customers)) <> (0, 0, 0, 0, 0, 0, 0));

SELECT 'cohort_key_day'
WHERE EXISTS (
  SELECT 1
  FROM (SELECT grouping, day, key, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers FROM cohort_key_day
        UNION ALL
        SELECT g.grouping, s.day, CASE g.grouping WHEN 'source' THEN s.source ELSE s.campaign END, -s.customers, -s.leads, -s.paying_customers, -s.sales, -s.gross_minor, -s.refunds_minor, -s.repeat_customers
        FROM temp.share AS s CROSS JOIN temp.grouping AS g)
  GROUP BY grouping, day, key
  HAVING (sum(customers), sum(leads), sum(paying_customers), sum(sales), sum(gross_minor), sum(refunds_minor), sum(repeat_customers)) <> (0, 0, 0, 0, 0, 0, 0));

SELECT 'cohort_key_month'
WHERE EXISTS (
  SELECT 1
  FROM (SELECT grouping, month, key, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers FROM cohort_key_month
        UNION ALL
        SELECT g.grouping, s.month, CASE g.grouping WHEN 'source' THEN s.source ELSE s.campaign END, -s.customers, -s.leads, -s.paying_customers, -s.sales, -s.gross_minor, -s.refunds_minor, -s.repeat_customers
        FROM temp.share AS s CROSS JOIN temp.grouping AS g)
  GROUP BY grouping, month, key
  HAVING (sum(customers), sum(leads), sum(paying_customers), sum(sales), sum(gross_minor), sum(refunds_minor), sum(repeat_customers)) <> (0, 0, 0, 0, 0, 0, 0));
