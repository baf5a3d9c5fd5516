-- Which part of the curves belongs to erased members? (definitions §8, §10) A row without k has the number of erased members of a month.
-- :firstMonth to :lastMonth are the acquisition months, since year 0. Nothing after :lastMonth is counted. :period is 'calendar' or 'elapsed'.
-- Only the index of erased customers is read, so the cost grows with their number alone.
SELECT cohort_month AS cohortMonth,
       NULL         AS k,
       count(*)     AS customers,
       0            AS revenueMinor,
       0            AS activeCustomers,
       0            AS newPaying
FROM customer INDEXED BY customer_erased
WHERE deleted_at IS NOT NULL AND cohort_month BETWEEN :firstMonth AND :lastMonth
GROUP BY cohort_month
UNION ALL
SELECT c.cohort_month,
       CASE :period WHEN 'elapsed' THEN m.period ELSE m.month - c.cohort_month END,
       0,
       sum(m.gross_minor) - sum(m.refunds_minor),
       sum(CASE :period WHEN 'elapsed' THEN m.active_period ELSE m.active_month END),
       sum(m.new_paying)
FROM customer AS c INDEXED BY customer_erased
CROSS JOIN customer_cell AS m ON m.customer_id = c.id
WHERE c.deleted_at IS NOT NULL AND c.cohort_month BETWEEN :firstMonth AND :lastMonth AND m.month <= :lastMonth
GROUP BY 1, 2
