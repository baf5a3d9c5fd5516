-- The cohorts report from raw entries, in DuckDB's SQL. $KEY is the grouping's expression over a customer's first touch, $RANGE that of the
-- members asked for.
WITH
  person AS (
    SELECT customer,
           $KEY                                          AS key,
           bool_or(type = 1)                             AS has_lead,
           count(*) FILTER (type = 2 AND approved)       AS sales,
           coalesce(sum(cents) FILTER (type = 2 AND approved), 0) AS gross
    FROM entry
    GROUP BY customer
    HAVING $RANGE
  ),
  refund AS (
    SELECT sale.customer, sum(coalesce(back.cents, sale.cents)) AS refunds
    FROM entry AS back JOIN entry AS sale ON sale.number = back.sale
    WHERE back.type = 4 AND sale.type = 2 AND sale.approved
    GROUP BY sale.customer
  )
SELECT key::VARCHAR                            AS key,
       count(*)::INTEGER                       AS customers,
       count(*) FILTER (has_lead)::INTEGER         AS leads,
       count(*) FILTER (sales > 0)::INTEGER    AS payingCustomers,
       sum(sales)::DOUBLE                      AS sales,
       sum(gross)::DOUBLE                      AS gross,
       coalesce(sum(refunds), 0)::DOUBLE       AS refunds,
       count(*) FILTER (sales > 1)::INTEGER    AS repeatCustomers
FROM person LEFT JOIN refund USING (customer)
GROUP BY key
ORDER BY customers DESC, key
