-- Which sales of the curves' members have no rate? Amounts are in their own currency. (definitions §3)
-- :firstDay to :lastDay are the days of the members' first touches, since 1970-01-01 in the workspace's zone. :lastMonth is the last month,
-- since year 0, whose sales and refunds are counted. Sales and refunds after now are in a month later than all others.
SELECT currency,
       sum(sales)         AS sales,
       sum(gross_minor)   AS grossMinor,
       sum(refunds_minor) AS refundsMinor
FROM unconverted_total
WHERE day BETWEEN :firstDay AND :lastDay AND month <= :lastMonth
GROUP BY currency
HAVING sum(sales) > 0
ORDER BY currency
