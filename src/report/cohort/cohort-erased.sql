-- How many of the customers of each campaign, source or day of first touch were erased, and what are their sums? (definitions §7, §10)
-- :grouping is 'source', 'campaign', 'week' or 'month'; for the last two, key is a day since 1970-01-01 in the workspace's zone.
-- The first touch is from :startAt to before :endAt, in milliseconds.
-- Only the index of erased customers is read, so the cost grows with their number alone.
SELECT CASE :grouping WHEN 'source' THEN source WHEN 'campaign' THEN campaign ELSE first_touch_day END AS key,
       count(*)           AS customers,
       sum(has_lead)      AS leads,
       sum(sales > 0)     AS payingCustomers,
       sum(sales)         AS sales,
       sum(gross_minor)   AS grossMinor,
       sum(refunds_minor) AS refundsMinor,
       sum(sales > 1)     AS repeatCustomers
FROM customer INDEXED BY customer_erased
WHERE deleted_at IS NOT NULL AND first_touch_at >= :startAt AND first_touch_at < :endAt
GROUP BY key
