-- What do the changes (find-changes.sql) add to the LTV curves? (definitions §8)
-- temp.cell_change has the old cells, as negative figures, and the new ones. Cells in the month 999999 are after the clock, so in no curve.
-- temp.share_change: see working-tables.sql. No parameters.

-- The customers of each cohort month.
INSERT INTO ltv_cohort AS t (cohort_month, customers)
SELECT cohort_month, sum(customers)
FROM temp.share_change
WHERE cohort_month IS NOT NULL
GROUP BY cohort_month
ON CONFLICT DO UPDATE SET customers = t.customers + excluded.customers;

-- Revenue, activity and new paying customers, by cell.
INSERT INTO ltv_cell AS t (cohort_month, month, period, revenue_minor, active_month, active_period, new_paying)
SELECT cohort_month, month, period, sum(gross_minor) - sum(refunds_minor), sum(active_month), sum(active_period), sum(new_paying)
FROM temp.cell_change
WHERE cohort_month IS NOT NULL AND month < 999999
GROUP BY cohort_month, month, period
HAVING (sum(gross_minor) - sum(refunds_minor), sum(active_month), sum(active_period), sum(new_paying)) <> (0, 0, 0, 0)
ON CONFLICT DO UPDATE SET
  revenue_minor = t.revenue_minor + excluded.revenue_minor,
  active_month  = t.active_month  + excluded.active_month,
  active_period = t.active_period + excluded.active_period,
  new_paying    = t.new_paying    + excluded.new_paying;
