-- How has what the batch's customers add to the totals changed (definitions §7, §8), now that they are up to date?
-- Subtracts what they added so far (capture-old.sql) from what they add now. The apply-deltas steps add the result to the totals.
-- temp.batch and the other working tables: see working-tables.sql. No parameters.

-- Shares of cohorts: new shares minus old ones, by everything that the totals are grouped by. What has not changed is zero and left out.
INSERT INTO temp.share_change
WITH part AS (
  SELECT -1 AS sign, * FROM temp.old_share
  UNION ALL
  SELECT +1, share.*
  FROM temp.batch AS b
  CROSS JOIN temp.share ON share.customer_id = b.customer_id
)
SELECT day, month, cohort_month, source, campaign,
       sum(sign * customers), sum(sign * leads), sum(sign * paying_customers), sum(sign * sales),
       sum(sign * gross_minor), sum(sign * refunds_minor), sum(sign * repeat_customers)
FROM part
GROUP BY 1, 2, 3, 4, 5
HAVING (sum(sign * customers), sum(sign * leads), sum(sign * paying_customers), sum(sign * sales),
        sum(sign * gross_minor), sum(sign * refunds_minor), sum(sign * repeat_customers)) <> (0, 0, 0, 0, 0, 0, 0);

-- The new cells of customers who were recomputed. Those with appended_from are in increment-cells.sql.
INSERT INTO temp.cell_change
SELECT c.cohort_month, m.day, m.month, m.period, m.sales, m.gross_minor, m.refunds_minor, m.first_sale_minor, m.active_month, m.active_period, m.new_paying
FROM temp.whole_batch AS b
CROSS JOIN customer AS c ON c.id = b.customer_id
CROSS JOIN customer_cell AS m ON m.customer_id = b.customer_id;

-- Their sales without a rate.
INSERT INTO temp.unconverted_change
SELECT c.first_touch_day, u.month, u.sale_day, u.entry_day, u.currency, u.sales, u.gross_minor, u.refunds_minor
FROM temp.whole_batch AS b
CROSS JOIN customer AS c ON c.id = b.customer_id
CROSS JOIN customer_unconverted AS u ON u.customer_id = b.customer_id
WHERE c.first_touch_at IS NOT NULL;
