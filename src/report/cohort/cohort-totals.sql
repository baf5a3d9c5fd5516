-- What became of all customers whose first touch is in a range, and what are the first and last day with such customers? (definitions §7)
-- Whole days :firstDay to :lastDay, since 1970-01-01 in the workspace's zone, come from daily totals. Where the range begins or ends within
-- a day, customers come one by one: those first touched from :headFrom to before :headTo, and from :tailFrom to before :tailTo, in milliseconds.
WITH
  edge AS (
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
    SELECT day, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers
    FROM cohort_day
    WHERE day BETWEEN :firstDay AND :lastDay
    UNION ALL
    SELECT day, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers
    FROM edge
  )
SELECT min(day) FILTER (WHERE customers > 0) AS firstDay,
       max(day) FILTER (WHERE customers > 0) AS lastDay,
       coalesce(sum(customers), 0)           AS customers,
       coalesce(sum(leads), 0)               AS leads,
       coalesce(sum(paying_customers), 0)    AS payingCustomers,
       coalesce(sum(sales), 0)               AS sales,
       coalesce(sum(gross_minor), 0)         AS grossMinor,
       coalesce(sum(refunds_minor), 0)       AS refundsMinor,
       coalesce(sum(repeat_customers), 0)    AS repeatCustomers
FROM part
