-- What became of the customers of each campaign or source whose first touch is in a range? (definitions §7)
-- :grouping is 'campaign' or 'source'. :limit is the maximum number of rows, and rows their number without it.
-- Whole months come from monthly totals: :firstMonth to :lastMonth, since year 0. Whole days before and after them come from daily totals:
-- :firstDay to :dayBefore and :dayAfter to :lastDay, since 1970-01-01 in the workspace's zone. Where the range begins or ends within a day,
-- customers come one by one: those first touched from :headFrom to before :headTo, and from :tailFrom to before :tailTo, in milliseconds.
WITH
  part AS (
    SELECT key, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers
    FROM cohort_key_month
    WHERE grouping = :grouping AND month BETWEEN :firstMonth AND :lastMonth
    UNION ALL
    SELECT key, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers
    FROM cohort_key_day
    WHERE grouping = :grouping AND day BETWEEN :firstDay AND :dayBefore
    UNION ALL
    SELECT key, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers
    FROM cohort_key_day
    WHERE grouping = :grouping AND day BETWEEN :dayAfter AND :lastDay
    UNION ALL
    SELECT CASE :grouping WHEN 'source' THEN source ELSE campaign END, 1, has_lead, sales > 0, sales, gross_minor, refunds_minor, sales > 1
    FROM customer
    WHERE (first_touch_at >= :headFrom AND first_touch_at < :headTo)
       OR (first_touch_at >= :tailFrom AND first_touch_at < :tailTo)
  )
SELECT key,
       sum(customers)        AS customers,
       sum(leads)            AS leads,
       sum(paying_customers) AS payingCustomers,
       sum(sales)            AS sales,
       sum(gross_minor)      AS grossMinor,
       sum(refunds_minor)    AS refundsMinor,
       sum(repeat_customers) AS repeatCustomers,
       count(*) OVER ()      AS rows
FROM part
GROUP BY key
HAVING sum(customers) > 0
ORDER BY sum(customers) DESC, key
LIMIT :limit
