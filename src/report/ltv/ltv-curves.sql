-- How does each acquisition month's net revenue grow, period by period? (definitions §8)
-- :firstMonth to :lastMonth are the acquisition months, since year 0. Nothing after :lastMonth is counted. :period is 'calendar' or 'elapsed'.
WITH RECURSIVE
  step (k) AS (
    SELECT 0 UNION ALL SELECT k + 1 FROM step WHERE k < :lastMonth - :firstMonth
  ),
  cell AS (
    SELECT cohort_month,
           CASE :period WHEN 'elapsed' THEN period ELSE month - cohort_month END     AS k,
           sum(revenue_minor)                                                        AS revenue_minor,
           sum(CASE :period WHEN 'elapsed' THEN active_period ELSE active_month END) AS active_customers,
           sum(new_paying)                                                           AS new_paying
    FROM ltv_cell
    WHERE cohort_month BETWEEN :firstMonth AND :lastMonth AND month <= :lastMonth
    GROUP BY 1, 2
  )
SELECT month.k                                         AS place,
       step.k                                          AS period,
       coalesce(ltv_cohort.customers, 0)               AS customers,
       coalesce(cell.revenue_minor, 0)                 AS revenueMinor,
       coalesce(sum(cell.revenue_minor) OVER curve, 0) AS cumulativeMinor,
       coalesce(cell.active_customers, 0)              AS activeCustomers,
       coalesce(sum(cell.new_paying) OVER curve, 0)    AS payingCustomers
FROM step AS month
CROSS JOIN step
LEFT JOIN ltv_cohort ON ltv_cohort.cohort_month = :firstMonth + month.k
LEFT JOIN cell       ON cell.cohort_month = :firstMonth + month.k AND cell.k = step.k
WINDOW curve AS (PARTITION BY month.k ORDER BY step.k)
ORDER BY month.k, step.k
