-- What became of the customers of each campaign or source, over all time? (definitions §7)
-- :grouping is 'campaign' or 'source'. :limit is the maximum number of rows, and rows their number without it.
SELECT key,
       customers,
       leads,
       paying_customers AS payingCustomers,
       sales,
       gross_minor      AS grossMinor,
       refunds_minor    AS refundsMinor,
       repeat_customers AS repeatCustomers,
       count(*) OVER () AS rows
FROM cohort_key
WHERE grouping = :grouping AND customers > 0
ORDER BY customers DESC, key
LIMIT :limit
