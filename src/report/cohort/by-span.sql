-- What became of the customers of each week or month? Empty ones come with zeros. (definitions §7)
-- :spans is JSON: [first day, last day] of each week or month of the answer, ascending.
-- Whole days :firstDay to :lastDay come from daily totals; where the range begins or ends within a day, customers come one by one.
WITH
  span AS MATERIALIZED (
    SELECT key AS place, value ->> 0 AS first_day, value ->> 1 AS last_day FROM json_each(:spans)
  ),
  edge AS MATERIALIZED (
    SELECT first_touch_day AS day, count(*) AS customers, sum(has_lead) AS leads, sum(sales > 0) AS paying_customers, sum(sales) AS sales,
           sum(gross_minor) AS gross_minor, sum(refunds_minor) AS refunds_minor, sum(sales > 1) AS repeat_customers
    FROM customer
    WHERE (first_touch_at >= :headFrom AND first_touch_at < :headTo)
       OR (first_touch_at >= :tailFrom AND first_touch_at < :tailTo)
    GROUP BY first_touch_day
  ),
  part AS (
    SELECT span.place, cohort_day.*
    FROM span CROSS JOIN cohort_day ON cohort_day.day BETWEEN max(span.first_day, :firstDay) AND min(span.last_day, :lastDay)
    UNION ALL
    SELECT span.place, edge.*
    FROM edge CROSS JOIN span ON edge.day BETWEEN span.first_day AND span.last_day
    UNION ALL
    SELECT place, 0, 0, 0, 0, 0, 0, 0, 0 FROM span
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
