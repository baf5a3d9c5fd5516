-- What became of the customers of each week or month? Weeks and months without customers have zeros. (definitions §7)
-- :spans is JSON: an array of [first day, last day], one for each week or month of the answer, ascending.
-- Whole days :firstDay to :lastDay, since 1970-01-01 in the workspace's zone, come from daily totals. Where the range begins or ends within
-- a day, customers come one by one: those first touched from :headFrom to before :headTo, and from :tailFrom to before :tailTo, in milliseconds.
WITH
  span AS MATERIALIZED (
    SELECT key AS place, value ->> 0 AS first_day, value ->> 1 AS last_day FROM json_each(:spans)
  ),
  edge AS MATERIALIZED (
    SELECT first_touch_day    AS day,
           count(*)           AS customers,
           sum(has_lead)      AS leads,
           sum(sales > 0)     AS paying_customers,
           sum(sales)         AS sales,
           sum(gross_minor)   AS gross_minor,
           sum(refunds_minor) AS refunds_minor,
           sum(sales > 1)     AS repeat_customers
    FROM customer
    WHERE (first_touch_at >= :headFrom AND first_touch_at < :headTo)
       OR (first_touch_at >= :tailFrom AND first_touch_at < :tailTo)
    GROUP BY first_touch_day
  ),
  part AS (
    SELECT place, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers
    FROM span
    CROSS JOIN cohort_day ON day BETWEEN max(first_day, :firstDay) AND min(last_day, :lastDay)
    UNION ALL
    SELECT place, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers
    FROM edge
    CROSS JOIN span ON day BETWEEN first_day AND last_day
    UNION ALL
    SELECT place, 0, 0, 0, 0, 0, 0, 0
    FROM span
  )
SELECT place,
       sum(customers)        AS customers,
       sum(leads)            AS leads,
       sum(paying_customers) AS payingCustomers,
       sum(sales)            AS sales,
       sum(gross_minor)      AS grossMinor,
       sum(refunds_minor)    AS refundsMinor,
       sum(repeat_customers) AS repeatCustomers
FROM part
GROUP BY place
ORDER BY place
