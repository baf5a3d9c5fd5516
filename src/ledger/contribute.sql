-- What do the customers of the batch add to the totals, after what before.sql noted of them? Only what changed is written.
-- Those with appended_from have told their cells already (append.sql).

INSERT INTO temp.change (day, month, cohort_month, source, campaign, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers)
SELECT f.day, f.month, f.cohort_month, f.source, f.campaign, -1, -f.has_lead, -(f.sales > 0), -f.sales, -f.gross_minor, -f.refunds_minor, -(f.sales > 1)
FROM temp.former AS f CROSS JOIN customer AS c ON c.id = f.customer_id
WHERE (f.day, f.month, f.cohort_month, f.source, f.campaign, f.has_lead, f.sales, f.gross_minor, f.refunds_minor)
  IS NOT (c.first_touch_day, c.first_touch_month, c.cohort_month, c.source, c.campaign, c.has_lead, c.sales, c.gross_minor, c.refunds_minor);

INSERT INTO temp.change (day, month, cohort_month, source, campaign, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers)
SELECT c.first_touch_day, c.first_touch_month, c.cohort_month, c.source, c.campaign, 1, c.has_lead, c.sales > 0, c.sales, c.gross_minor, c.refunds_minor, c.sales > 1
FROM temp.batch AS b CROSS JOIN customer AS c ON c.id = b.customer_id LEFT JOIN temp.former AS f ON f.customer_id = b.customer_id
WHERE c.first_touch_at IS NOT NULL
  AND (f.day, f.month, f.cohort_month, f.source, f.campaign, f.has_lead, f.sales, f.gross_minor, f.refunds_minor)
  IS NOT (c.first_touch_day, c.first_touch_month, c.cohort_month, c.source, c.campaign, c.has_lead, c.sales, c.gross_minor, c.refunds_minor);

INSERT INTO temp.cell_change (cohort_month, month, period, revenue_minor, active_month, active_period, new_paying)
SELECT c.cohort_month, m.month, m.period, m.revenue_minor, m.active_month, m.active_period, m.new_paying
FROM temp.batch AS b CROSS JOIN customer AS c ON c.id = b.customer_id CROSS JOIN customer_cell AS m ON m.customer_id = b.customer_id
WHERE b.appended_from IS NULL AND c.cohort_month IS NOT NULL;

INSERT INTO temp.unconverted_change (day, month, currency, sales, gross_minor, refunds_minor)
SELECT c.first_touch_day, u.month, u.currency, u.sales, u.gross_minor, u.refunds_minor
FROM temp.batch AS b CROSS JOIN customer AS c ON c.id = b.customer_id CROSS JOIN customer_unconverted AS u ON u.customer_id = b.customer_id
WHERE b.appended_from IS NULL AND c.first_touch_at IS NOT NULL;

INSERT INTO cohort_day AS t (day, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers)
SELECT day, sum(customers), sum(leads), sum(paying_customers), sum(sales), sum(gross_minor), sum(refunds_minor), sum(repeat_customers)
FROM temp.change GROUP BY 1
ON CONFLICT DO UPDATE SET
  customers = t.customers + excluded.customers, leads = t.leads + excluded.leads,
  paying_customers = t.paying_customers + excluded.paying_customers, sales = t.sales + excluded.sales,
  gross_minor = t.gross_minor + excluded.gross_minor, refunds_minor = t.refunds_minor + excluded.refunds_minor,
  repeat_customers = t.repeat_customers + excluded.repeat_customers;

INSERT INTO cohort_key AS t (grouping, key, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers)
SELECT g.grouping, CASE g.grouping WHEN 'source' THEN c.source ELSE c.campaign END, sum(customers), sum(leads), sum(paying_customers),
       sum(sales), sum(gross_minor), sum(refunds_minor), sum(repeat_customers)
FROM temp.change AS c CROSS JOIN (SELECT 'source' AS grouping UNION ALL SELECT 'campaign') AS g
GROUP BY 1, 2
ON CONFLICT DO UPDATE SET
  customers = t.customers + excluded.customers, leads = t.leads + excluded.leads,
  paying_customers = t.paying_customers + excluded.paying_customers, sales = t.sales + excluded.sales,
  gross_minor = t.gross_minor + excluded.gross_minor, refunds_minor = t.refunds_minor + excluded.refunds_minor,
  repeat_customers = t.repeat_customers + excluded.repeat_customers;

INSERT INTO cohort_key_day AS t (grouping, day, key, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers)
SELECT g.grouping, c.day, CASE g.grouping WHEN 'source' THEN c.source ELSE c.campaign END, sum(customers), sum(leads), sum(paying_customers),
       sum(sales), sum(gross_minor), sum(refunds_minor), sum(repeat_customers)
FROM temp.change AS c CROSS JOIN (SELECT 'source' AS grouping UNION ALL SELECT 'campaign') AS g
GROUP BY 1, 2, 3
ON CONFLICT DO UPDATE SET
  customers = t.customers + excluded.customers, leads = t.leads + excluded.leads,
  paying_customers = t.paying_customers + excluded.paying_customers, sales = t.sales + excluded.sales,
  gross_minor = t.gross_minor + excluded.gross_minor, refunds_minor = t.refunds_minor + excluded.refunds_minor,
  repeat_customers = t.repeat_customers + excluded.repeat_customers;

INSERT INTO cohort_key_month AS t (grouping, month, key, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers)
SELECT g.grouping, c.month, CASE g.grouping WHEN 'source' THEN c.source ELSE c.campaign END, sum(customers), sum(leads), sum(paying_customers),
       sum(sales), sum(gross_minor), sum(refunds_minor), sum(repeat_customers)
FROM temp.change AS c CROSS JOIN (SELECT 'source' AS grouping UNION ALL SELECT 'campaign') AS g
GROUP BY 1, 2, 3
ON CONFLICT DO UPDATE SET
  customers = t.customers + excluded.customers, leads = t.leads + excluded.leads,
  paying_customers = t.paying_customers + excluded.paying_customers, sales = t.sales + excluded.sales,
  gross_minor = t.gross_minor + excluded.gross_minor, refunds_minor = t.refunds_minor + excluded.refunds_minor,
  repeat_customers = t.repeat_customers + excluded.repeat_customers;

INSERT INTO ltv_cohort AS t (cohort_month, customers)
SELECT cohort_month, sum(customers) FROM temp.change WHERE cohort_month IS NOT NULL GROUP BY 1
ON CONFLICT DO UPDATE SET customers = t.customers + excluded.customers;

INSERT INTO ltv_cell AS t (cohort_month, month, period, revenue_minor, active_month, active_period, new_paying)
SELECT cohort_month, month, period, sum(revenue_minor), sum(active_month), sum(active_period), sum(new_paying)
FROM temp.cell_change GROUP BY 1, 2, 3
HAVING (sum(revenue_minor), sum(active_month), sum(active_period), sum(new_paying)) <> (0, 0, 0, 0)
ON CONFLICT DO UPDATE SET
  revenue_minor = t.revenue_minor + excluded.revenue_minor, active_month = t.active_month + excluded.active_month,
  active_period = t.active_period + excluded.active_period, new_paying = t.new_paying + excluded.new_paying;

INSERT INTO unconverted_total AS t (day, month, currency, sales, gross_minor, refunds_minor)
SELECT day, month, currency, sum(sales), sum(gross_minor), sum(refunds_minor)
FROM temp.unconverted_change GROUP BY 1, 2, 3
HAVING (sum(sales), sum(gross_minor), sum(refunds_minor)) <> (0, 0, 0)
ON CONFLICT DO UPDATE SET
  sales = t.sales + excluded.sales, gross_minor = t.gross_minor + excluded.gross_minor, refunds_minor = t.refunds_minor + excluded.refunds_minor;

DELETE FROM temp.former;
DELETE FROM temp.change;
DELETE FROM temp.cell_change;
DELETE FROM temp.unconverted_change;
