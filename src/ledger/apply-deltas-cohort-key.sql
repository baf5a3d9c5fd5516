-- What do the changes (find-changes.sql) add to the totals of each source and campaign, by day and month? (definitions §7)
-- temp.share_change and temp.grouping: see working-tables.sql. No parameters.

-- By source or campaign and day of first touch.
INSERT INTO cohort_key_day AS t (grouping, day, key, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers)
SELECT g.grouping, c.day, CASE g.grouping WHEN 'source' THEN c.source ELSE c.campaign END,
       sum(c.customers), sum(c.leads), sum(c.paying_customers), sum(c.sales), sum(c.gross_minor), sum(c.refunds_minor), sum(c.repeat_customers)
FROM temp.share_change AS c
CROSS JOIN temp.grouping AS g
GROUP BY 1, 2, 3
ON CONFLICT DO UPDATE SET
  customers = t.customers + excluded.customers, leads = t.leads + excluded.leads,
  paying_customers = t.paying_customers + excluded.paying_customers, sales = t.sales + excluded.sales,
  gross_minor = t.gross_minor + excluded.gross_minor, refunds_minor = t.refunds_minor + excluded.refunds_minor,
  repeat_customers = t.repeat_customers + excluded.repeat_customers;

-- By source or campaign and month of first touch.
INSERT INTO cohort_key_month AS t (grouping, month, key, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers)
SELECT g.grouping, c.month, CASE g.grouping WHEN 'source' THEN c.source ELSE c.campaign END,
       sum(c.customers), sum(c.leads), sum(c.paying_customers), sum(c.sales), sum(c.gross_minor), sum(c.refunds_minor), sum(c.repeat_customers)
FROM temp.share_change AS c
CROSS JOIN temp.grouping AS g
GROUP BY 1, 2, 3
ON CONFLICT DO UPDATE SET
  customers = t.customers + excluded.customers, leads = t.leads + excluded.leads,
  paying_customers = t.paying_customers + excluded.paying_customers, sales = t.sales + excluded.sales,
  gross_minor = t.gross_minor + excluded.gross_minor, refunds_minor = t.refunds_minor + excluded.refunds_minor,
  repeat_customers = t.repeat_customers + excluded.repeat_customers;
