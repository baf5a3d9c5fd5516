-- Which sales of the customer have no rate? Amounts are in their own currency. (definitions §3) :customerId is the row of customer.
SELECT currency,
       sum(sales)         AS sales,
       sum(gross_minor)   AS grossMinor,
       sum(refunds_minor) AS refundsMinor
FROM customer_unconverted
WHERE customer_id = :customerId
GROUP BY currency
HAVING sum(sales) > 0
ORDER BY currency
