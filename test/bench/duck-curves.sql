-- The LTV triangle from raw entries, in DuckDB's SQL. $PERIOD is the period of an instant `happened_at` for a member whose first touch is `first_at`.
WITH
  person AS (
    SELECT customer, min(happened_at) AS first_at, date_trunc('month', min(happened_at)) AS cohort FROM entry GROUP BY customer
  ),
  money AS (
    SELECT customer, happened_at, cents AS minor, true AS sold FROM entry WHERE type = 2 AND approved
    UNION ALL
    SELECT sale.customer, back.happened_at, -coalesce(back.cents, sale.cents), false
    FROM entry AS back JOIN entry AS sale ON sale.number = back.sale
    WHERE back.type = 4 AND sale.type = 2 AND sale.approved
  ),
  own AS (
    SELECT customer, cohort, $PERIOD AS k, sum(minor) AS minor, bool_or(sold) AS active
    FROM money JOIN person USING (customer)
    GROUP BY customer, cohort, k
  ),
  paying AS (
    SELECT cohort, k, count(*) AS customers
    FROM (SELECT cohort, min(k) AS k FROM own WHERE active GROUP BY customer, cohort)
    GROUP BY cohort, k
  ),
  cell AS (
    SELECT cohort, k, sum(minor) AS minor, count(*) FILTER (active) AS active FROM own GROUP BY cohort, k
  ),
  size AS (
    SELECT cohort, count(*) AS customers FROM person GROUP BY cohort
  ),
  triangle AS (
    SELECT size.cohort, size.customers, step.k::INTEGER AS k, cell.minor, cell.active, paying.customers AS paid
    FROM size CROSS JOIN range(24) AS step(k)
    LEFT JOIN cell ON cell.cohort = size.cohort AND cell.k = step.k
    LEFT JOIN paying ON paying.cohort = size.cohort AND paying.k = step.k
  )
SELECT strftime(cohort, '%Y-%m')                                                             AS cohort,
       customers::INTEGER                                                                    AS customers,
       k,
       coalesce(minor, 0)::DOUBLE                                                            AS revenue,
       coalesce(sum(minor) OVER (PARTITION BY cohort ORDER BY k), 0)::DOUBLE                 AS cumulative,
       coalesce(active, 0)::INTEGER                                                          AS active,
       coalesce(sum(paid) OVER (PARTITION BY cohort ORDER BY k), 0)::INTEGER                 AS paying
FROM triangle
ORDER BY cohort, k
