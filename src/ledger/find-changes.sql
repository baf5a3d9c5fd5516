-- How have the batch's customers' shares of cohorts changed (definitions §7), now that they are up to date?
-- Subtracts their old shares (capture-old.sql) from the new ones. The apply-deltas steps add the result to the totals.
-- temp.batch, temp.share and temp.share_change: see working-tables.sql. No parameters.

-- New shares minus old ones, by everything that the totals are grouped by. What has not changed is zero and left out.
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
