-- What do the changes (find-changes.sql) add to the totals of cohorts, by day and over all time? (definitions §7)
-- temp.share_change and temp.grouping: see working-tables.sql. No parameters.

-- By day of first touch.
INSERT INTO cohort_day AS t (day, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers)
SELECT day,
       sum(customers), sum(leads), sum(paying_customers), sum(sales), sum(gross_minor), sum(refunds_minor), sum(repeat_customers)
FROM temp.share_change
GROUP BY day
ON CONFLICT DO UPDATE SET
  customers = t.customers + excluded.customers, leads = t.leads + excluded.leads,
  paying_customers = t.paying_customers + excluded.paying_customers, sales = t.sales + excluded.sales,
  gross_minor = t.gross_minor + excluded.gross_minor, refunds_minor = t.refunds_minor + excluded.refunds_minor,
  repeat_customers = t.repeat_customers + excluded.repeat_customers;

-- By source or campaign, over all time.
INSERT INTO cohort_key AS t (grouping, key, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers)
SELECT g.grouping, CASE g.grouping WHEN 'source' THEN c.source ELSE c.campaign END,
       sum(c.customers), sum(c.leads), sum(c.paying_customers), sum(c.sales), sum(c.gross_minor), sum(c.refunds_minor), sum(c.repeat_customers)
FROM temp.share_change AS c
CROSS JOIN temp.grouping AS g
GROUP BY 1, 2
ON CONFLICT DO UPDATE SET
  customers = t.customers + excluded.customers, leads = t.leads + excluded.leads,
  paying_customers = t.paying_customers + excluded.paying_customers, sales = t.sales + excluded.sales,
  gross_minor = t.gross_minor + excluded.gross_minor, refunds_minor = t.refunds_minor + excluded.refunds_minor,
  repeat_customers = t.repeat_customers + excluded.repeat_customers;
