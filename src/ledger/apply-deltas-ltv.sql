-- What changes in the LTV curves (definitions §8), now that the batch's customers are up to date? Runs after find-changes.sql.
-- temp.cell_change has the old cells, as negative figures (capture-old.sql), and what new entries add (increment-cells.sql).
-- temp.whole_batch and temp.share_change: see working-tables.sql. No parameters.

-- The new cells of customers who were recomputed.
INSERT INTO temp.cell_change (cohort_month, month, period, revenue_minor, active_month, active_period, new_paying)
SELECT c.cohort_month, m.month, m.period, m.revenue_minor, m.active_month, m.active_period, m.new_paying
FROM temp.whole_batch AS b
CROSS JOIN customer AS c ON c.id = b.customer_id
CROSS JOIN customer_cell AS m ON m.customer_id = b.customer_id
WHERE c.cohort_month IS NOT NULL;

-- The customers of each cohort month.
INSERT INTO ltv_cohort AS t (cohort_month, customers)
SELECT cohort_month, sum(customers)
FROM temp.share_change
WHERE cohort_month IS NOT NULL
GROUP BY cohort_month
ON CONFLICT DO UPDATE SET customers = t.customers + excluded.customers;

-- Revenue, activity and new paying customers, by cell.
INSERT INTO ltv_cell AS t (cohort_month, month, period, revenue_minor, active_month, active_period, new_paying)
SELECT cohort_month, month, period, sum(revenue_minor), sum(active_month), sum(active_period), sum(new_paying)
FROM temp.cell_change
GROUP BY cohort_month, month, period
HAVING (sum(revenue_minor), sum(active_month), sum(active_period), sum(new_paying)) <> (0, 0, 0, 0)
ON CONFLICT DO UPDATE SET
  revenue_minor = t.revenue_minor + excluded.revenue_minor,
  active_month  = t.active_month  + excluded.active_month,
  active_period = t.active_period + excluded.active_period,
  new_paying    = t.new_paying    + excluded.new_paying;
