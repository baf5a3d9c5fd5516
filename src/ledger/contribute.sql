-- What do the customers of the batch add to the totals (:sign = 1), or take off them (:sign = −1)? Customers who are nobody add nothing.
-- CROSS JOIN keeps SQLite to this order: from the batch outwards.

INSERT INTO cohort_day AS t (day, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers)
SELECT c.first_touch_day, :sign * count(*), :sign * sum(c.lead), :sign * sum(c.sales > 0), :sign * sum(c.sales),
       :sign * sum(c.gross_minor), :sign * sum(c.refunds_minor), :sign * sum(c.sales > 1)
FROM temp.batch AS b CROSS JOIN customer AS c ON c.id = b.customer_id
WHERE c.first_touch_at IS NOT NULL
GROUP BY 1
ON CONFLICT DO UPDATE SET
  customers = t.customers + excluded.customers, leads = t.leads + excluded.leads,
  paying_customers = t.paying_customers + excluded.paying_customers, sales = t.sales + excluded.sales,
  gross_minor = t.gross_minor + excluded.gross_minor, refunds_minor = t.refunds_minor + excluded.refunds_minor,
  repeat_customers = t.repeat_customers + excluded.repeat_customers;

INSERT INTO cohort_key AS t (grouping, key, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers)
SELECT g.grouping, CASE g.grouping WHEN 'source' THEN c.source ELSE c.campaign END, :sign * count(*), :sign * sum(c.lead), :sign * sum(c.sales > 0),
       :sign * sum(c.sales), :sign * sum(c.gross_minor), :sign * sum(c.refunds_minor), :sign * sum(c.sales > 1)
FROM temp.batch AS b CROSS JOIN customer AS c ON c.id = b.customer_id CROSS JOIN (SELECT 'source' AS grouping UNION ALL SELECT 'campaign') AS g
WHERE c.first_touch_at IS NOT NULL
GROUP BY 1, 2
ON CONFLICT DO UPDATE SET
  customers = t.customers + excluded.customers, leads = t.leads + excluded.leads,
  paying_customers = t.paying_customers + excluded.paying_customers, sales = t.sales + excluded.sales,
  gross_minor = t.gross_minor + excluded.gross_minor, refunds_minor = t.refunds_minor + excluded.refunds_minor,
  repeat_customers = t.repeat_customers + excluded.repeat_customers;

INSERT INTO cohort_key_day AS t (grouping, day, key, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers)
SELECT g.grouping, c.first_touch_day, CASE g.grouping WHEN 'source' THEN c.source ELSE c.campaign END, :sign * count(*), :sign * sum(c.lead),
       :sign * sum(c.sales > 0), :sign * sum(c.sales), :sign * sum(c.gross_minor), :sign * sum(c.refunds_minor), :sign * sum(c.sales > 1)
FROM temp.batch AS b CROSS JOIN customer AS c ON c.id = b.customer_id CROSS JOIN (SELECT 'source' AS grouping UNION ALL SELECT 'campaign') AS g
WHERE c.first_touch_at IS NOT NULL
GROUP BY 1, 2, 3
ON CONFLICT DO UPDATE SET
  customers = t.customers + excluded.customers, leads = t.leads + excluded.leads,
  paying_customers = t.paying_customers + excluded.paying_customers, sales = t.sales + excluded.sales,
  gross_minor = t.gross_minor + excluded.gross_minor, refunds_minor = t.refunds_minor + excluded.refunds_minor,
  repeat_customers = t.repeat_customers + excluded.repeat_customers;

INSERT INTO cohort_key_month AS t (grouping, month, key, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers)
SELECT g.grouping, c.first_touch_month, CASE g.grouping WHEN 'source' THEN c.source ELSE c.campaign END, :sign * count(*), :sign * sum(c.lead),
       :sign * sum(c.sales > 0), :sign * sum(c.sales), :sign * sum(c.gross_minor), :sign * sum(c.refunds_minor), :sign * sum(c.sales > 1)
FROM temp.batch AS b CROSS JOIN customer AS c ON c.id = b.customer_id CROSS JOIN (SELECT 'source' AS grouping UNION ALL SELECT 'campaign') AS g
WHERE c.first_touch_at IS NOT NULL
GROUP BY 1, 2, 3
ON CONFLICT DO UPDATE SET
  customers = t.customers + excluded.customers, leads = t.leads + excluded.leads,
  paying_customers = t.paying_customers + excluded.paying_customers, sales = t.sales + excluded.sales,
  gross_minor = t.gross_minor + excluded.gross_minor, refunds_minor = t.refunds_minor + excluded.refunds_minor,
  repeat_customers = t.repeat_customers + excluded.repeat_customers;

INSERT INTO unconverted_total AS t (day, month, currency, sales, gross_minor, refunds_minor)
SELECT c.first_touch_day, u.month, u.currency, :sign * sum(u.sales), :sign * sum(u.gross_minor), :sign * sum(u.refunds_minor)
FROM temp.batch AS b CROSS JOIN customer AS c ON c.id = b.customer_id CROSS JOIN customer_unconverted AS u ON u.customer_id = b.customer_id
WHERE c.first_touch_at IS NOT NULL
GROUP BY 1, 2, 3
ON CONFLICT DO UPDATE SET
  sales = t.sales + excluded.sales, gross_minor = t.gross_minor + excluded.gross_minor, refunds_minor = t.refunds_minor + excluded.refunds_minor;

INSERT INTO ltv_cohort AS t (cohort_month, customers)
SELECT c.curve_month, :sign * count(*)
FROM temp.batch AS b CROSS JOIN customer AS c ON c.id = b.customer_id
WHERE c.curve_month IS NOT NULL
GROUP BY 1
ON CONFLICT DO UPDATE SET customers = t.customers + excluded.customers;

INSERT INTO ltv_cell AS t (cohort_month, month, period, revenue_minor, active_month, active_period, new_paying)
SELECT c.curve_month, m.month, m.period, :sign * sum(m.revenue_minor), :sign * sum(m.active_month), :sign * sum(m.active_period), :sign * sum(m.new_paying)
FROM temp.batch AS b CROSS JOIN customer AS c ON c.id = b.customer_id CROSS JOIN customer_cell AS m ON m.customer_id = b.customer_id
WHERE c.curve_month IS NOT NULL
GROUP BY 1, 2, 3
ON CONFLICT DO UPDATE SET
  revenue_minor = t.revenue_minor + excluded.revenue_minor, active_month = t.active_month + excluded.active_month,
  active_period = t.active_period + excluded.active_period, new_paying = t.new_paying + excluded.new_paying;
