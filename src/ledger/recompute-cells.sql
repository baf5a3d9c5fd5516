-- What do the batch's customers add to the LTV curves, by the whole log? (definitions §8) Those with appended_from are in increment-cells.sql.
-- :now is the clock, in milliseconds. Entries after it are in no curve. Types: 2 sale, 4 refund.
-- temp.whole_batch: see working-tables.sql. The program supplies local_month() and elapsed_period(): see sqlFunctions in ledger.ts.
-- CROSS JOIN, and + before a column, make SQLite start at the batch.

-- Remove the old cells.
DELETE FROM customer_cell
WHERE customer_id IN (SELECT customer_id FROM temp.whole_batch);

-- A cell is a calendar month and a period since the customer's first touch. A customer who buys in two cells of a month is active only in
-- the first of them, so that cells can be added up. The same goes for two cells of a period.
INSERT INTO customer_cell (customer_id, month, period, revenue_minor, active_month, active_period, new_paying)
WITH
  money AS (
    SELECT e.customer_id,
           e.type,
           e.amount_minor,
           local_month(e.at)                      AS month,
           elapsed_period(c.first_touch_at, e.at) AS period,
           e.type = 2 AND row_number() OVER (PARTITION BY e.customer_id, e.type ORDER BY e.at, e.key) = 1 AS is_first_sale
    FROM temp.whole_batch AS b
    CROSS JOIN customer AS c ON c.id = b.customer_id
    CROSS JOIN entry AS e ON e.customer_id = c.id
    WHERE e.is_counted AND +e.type IN (2, 4) AND e.amount_minor IS NOT NULL AND e.at <= :now
  ),
  cell AS (
    SELECT customer_id,
           month,
           period,
           sum(CASE type WHEN 2 THEN amount_minor ELSE -amount_minor END) AS revenue_minor,
           max(type = 2)                                                  AS is_active,
           max(is_first_sale)                                             AS new_paying
    FROM money
    GROUP BY customer_id, month, period
  )
SELECT customer_id,
       month,
       period,
       revenue_minor,
       is_active AND row_number() OVER (PARTITION BY customer_id, is_active, month ORDER BY period) = 1,
       is_active AND row_number() OVER (PARTITION BY customer_id, is_active, period ORDER BY month) = 1,
       new_paying
FROM cell;
