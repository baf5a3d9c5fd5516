-- What do the new entries add to their customers' cells of the LTV curves? (definitions §8; recompute-cells.sql says what a cell is)
-- Runs before increment-customer.sql, so customer.sales does not include the new entries yet.
-- Types: 2 sale, 4 refund. temp.arrival and temp.added_cell: see working-tables.sql. No parameters.

-- The new cells. They count activity, or a new paying customer, only if no stored cell counts it already.
INSERT INTO temp.added_cell (customer_id, month, period, revenue_minor, active_month, active_period, new_paying)
WITH
  money AS (
    SELECT *, type = 2 AND row_number() OVER (PARTITION BY customer_id, type ORDER BY at, key) = 1 AS is_first_sale
    FROM temp.arrival
    WHERE is_counted AND type IN (2, 4) AND amount_minor IS NOT NULL
  ),
  cell AS (
    SELECT a.customer_id,
           a.month,
           a.period,
           sum(CASE a.type WHEN 2 THEN a.amount_minor ELSE -a.amount_minor END) AS revenue_minor,
           max(a.type = 2)                                                      AS is_active,
           max(a.is_first_sale AND c.sales = 0)                                 AS new_paying
    FROM money AS a
    CROSS JOIN customer AS c ON c.id = a.customer_id
    GROUP BY a.customer_id, a.month, a.period
  )
SELECT customer_id,
       month,
       period,
       revenue_minor,
       is_active AND row_number() OVER (PARTITION BY customer_id, is_active, month ORDER BY period) = 1
         AND NOT EXISTS (SELECT 1 FROM customer_cell AS m WHERE m.customer_id = cell.customer_id AND m.month = cell.month AND m.active_month),
       is_active AND row_number() OVER (PARTITION BY customer_id, is_active, period ORDER BY month) = 1
         AND NOT EXISTS (SELECT 1 FROM customer_cell AS m WHERE m.customer_id = cell.customer_id AND m.period = cell.period AND m.active_period),
       new_paying
FROM cell;

-- Add them to the customers' cells.
INSERT INTO customer_cell AS t (customer_id, month, period, revenue_minor, active_month, active_period, new_paying)
SELECT customer_id, month, period, revenue_minor, active_month, active_period, new_paying
FROM temp.added_cell
WHERE true -- SQLite needs a WHERE between SELECT and ON CONFLICT
ON CONFLICT DO UPDATE SET
  revenue_minor = t.revenue_minor + excluded.revenue_minor,
  active_month  = t.active_month  + excluded.active_month,
  active_period = t.active_period + excluded.active_period,
  new_paying    = t.new_paying    + excluded.new_paying;

-- Note them as changes of the curves.
INSERT INTO temp.cell_change (cohort_month, month, period, revenue_minor, active_month, active_period, new_paying)
SELECT c.cohort_month, a.month, a.period, a.revenue_minor, a.active_month, a.active_period, a.new_paying
FROM temp.added_cell AS a
CROSS JOIN customer AS c ON c.id = a.customer_id
WHERE c.cohort_month IS NOT NULL;
