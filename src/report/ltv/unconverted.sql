-- Which sales of the curves' members have no rate, in their own money? (definitions §3)
-- Members by the day of their first touch, sales and refunds by their month, :lastMonth at most; those after the clock lie in a month beyond.
SELECT currency,
       sum(sales)         AS sales,
       sum(gross_minor)   AS grossMinor,
       sum(refunds_minor) AS refundsMinor
FROM unconverted_total
WHERE day BETWEEN :firstDay AND :lastDay AND month <= :lastMonth
GROUP BY currency
HAVING sum(sales) > 0
ORDER BY currency
