-- What do the new entries add to their customers' cells? (definitions §7, §8; recompute-cells.sql says what a cell is)
-- Runs before increment-customer.sql, so customer.sales does not include the new entries yet.
-- Types: 2 sale, 4 refund. temp.arrival and temp.added_cell: see working-tables.sql. No parameters.

-- The new cells. They count activity, or a new paying customer, only if no stored cell counts it already.
-- A month and a period have at most 32 days, so only the cells of so many days before can be of the same.
INSERT INTO temp.added_cell
WITH
  money AS (
    SELECT *, type = 2 AND row_number() OVER (PARTITION BY customer_id, type ORDER BY at, key) = 1 AS is_first_sale
    FROM temp.arrival
    WHERE is_counted AND type IN (2, 4) AND amount_minor IS NOT NULL
  ),
  cell AS (
    SELECT a.customer_id,
           a.day,
           a.month,
           a.period,
           sum(a.type = 2)                                                                    AS sales,
           coalesce(sum(a.amount_minor) FILTER (WHERE a.type = 2), 0)                         AS gross_minor,
           coalesce(sum(a.amount_minor) FILTER (WHERE a.type = 4), 0)                         AS refunds_minor,
           coalesce(sum(a.amount_minor) FILTER (WHERE a.is_first_sale AND c.sales = 0), 0)     AS first_sale_minor,
           max(a.is_first_sale AND c.sales = 0)                                               AS new_paying,
           max(a.type = 2)                                                                    AS is_active,
           min(a.at) FILTER (WHERE a.type = 2)                                                AS sold_at
    FROM money AS a
    CROSS JOIN customer AS c ON c.id = a.customer_id
    GROUP BY a.customer_id, a.day, a.month, a.period
  )
SELECT customer_id, day, month, period, sales, gross_minor, refunds_minor, first_sale_minor,
       is_active AND row_number() OVER (PARTITION BY customer_id, is_active, month ORDER BY sold_at) = 1
         AND NOT EXISTS (SELECT 1 FROM customer_cell AS m WHERE m.customer_id = cell.customer_id AND m.day >= cell.day - 32 AND m.month = cell.month AND m.active_month),
       is_active AND row_number() OVER (PARTITION BY customer_id, is_active, period ORDER BY sold_at) = 1
         AND NOT EXISTS (SELECT 1 FROM customer_cell AS m WHERE m.customer_id = cell.customer_id AND m.day >= cell.day - 32 AND m.period = cell.period AND m.active_period),
       new_paying
FROM cell;

-- Add them to the customers' cells.
INSERT INTO customer_cell AS t
SELECT * FROM temp.added_cell
WHERE true -- SQLite needs a WHERE between SELECT and ON CONFLICT
ON CONFLICT DO UPDATE SET
  sales = t.sales + excluded.sales, gross_minor = t.gross_minor + excluded.gross_minor, refunds_minor = t.refunds_minor + excluded.refunds_minor,
  first_sale_minor = t.first_sale_minor + excluded.first_sale_minor, active_month = t.active_month + excluded.active_month,
  active_period = t.active_period + excluded.active_period, new_paying = t.new_paying + excluded.new_paying;

-- Note them as changes of the totals.
INSERT INTO temp.cell_change
SELECT c.cohort_month, a.day, a.month, a.period, a.sales, a.gross_minor, a.refunds_minor, a.first_sale_minor, a.active_month, a.active_period, a.new_paying
FROM temp.added_cell AS a
CROSS JOIN customer AS c ON c.id = a.customer_id;
