-- What do the batch's customers add to revenue over time and to the LTV curves, by the whole log? (definitions §7, §8)
-- Those with appended_from are in increment-cells.sql.
-- :now is the clock, in milliseconds. Entries after it are in no curve, so their month and period are 999999. Types: 2 sale, 4 refund.
-- temp.whole_batch: see working-tables.sql. The program supplies local_day(), month_of_day() and elapsed_period(): see sql-functions.ts.
-- CROSS JOIN, and + before a column, make SQLite start at the batch.

-- Remove the old cells.
DELETE FROM customer_cell
WHERE customer_id IN (SELECT customer_id FROM temp.whole_batch);

-- A cell is a day and a period since the customer's first touch. A customer who buys in two cells of a month is active only in the first of
-- them, so that cells can be added up. The same goes for two cells of a period.
INSERT INTO customer_cell (customer_id, day, month, period, sales, gross_minor, refunds_minor, first_sale_minor, active_month, active_period, new_paying)
WITH
  money AS (
    SELECT e.customer_id,
           e.type,
           e.at,
           e.amount_minor,
           local_day(e.at)                                                                    AS day,
           CASE WHEN e.at <= :now THEN month_of_day(local_day(e.at)) ELSE 999999 END          AS month,
           CASE WHEN e.at <= :now THEN elapsed_period(c.first_touch_at, e.at) ELSE 999999 END AS period,
           e.type = 2 AND row_number() OVER (PARTITION BY e.customer_id, e.type ORDER BY e.at, e.key) = 1 AS is_first_sale
    FROM temp.whole_batch AS b
    CROSS JOIN customer AS c ON c.id = b.customer_id
    CROSS JOIN entry AS e ON e.customer_id = c.id
    WHERE e.is_counted AND +e.type IN (2, 4) AND e.amount_minor IS NOT NULL
  ),
  cell AS (
    SELECT customer_id,
           day,
           month,
           period,
           sum(type = 2)                                               AS sales,
           coalesce(sum(amount_minor) FILTER (WHERE type = 2), 0)      AS gross_minor,
           coalesce(sum(amount_minor) FILTER (WHERE type = 4), 0)      AS refunds_minor,
           coalesce(sum(amount_minor) FILTER (WHERE is_first_sale), 0) AS first_sale_minor,
           max(is_first_sale)                                          AS new_paying,
           max(type = 2) AND month < 999999                            AS is_active,
           min(at) FILTER (WHERE type = 2)                             AS sold_at
    FROM money
    GROUP BY customer_id, day, month, period
  )
SELECT customer_id, day, month, period, sales, gross_minor, refunds_minor, first_sale_minor,
       is_active AND row_number() OVER (PARTITION BY customer_id, is_active, month ORDER BY sold_at) = 1,
       is_active AND row_number() OVER (PARTITION BY customer_id, is_active, period ORDER BY sold_at) = 1,
       new_paying
FROM cell;
