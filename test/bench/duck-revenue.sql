-- Revenue over time from raw entries, in DuckDB's SQL. $SPAN is 'day', 'week' or 'month'; $RANGE is the range over an instant `happened_at`.
WITH
  person AS (
    SELECT customer, min(happened_at) AS happened_at FROM entry GROUP BY customer
  ),
  sale AS (
    SELECT number, customer, happened_at, cents, row_number() OVER (PARTITION BY customer ORDER BY happened_at, number) = 1 AS is_first
    FROM entry
    WHERE type = 2 AND approved
  ),
  part AS (
    SELECT happened_at, 1 AS new_customers, 0 AS new_paying, 0 AS sales, 0 AS gross, 0 AS refunds, 0 AS first_gross FROM person
    UNION ALL
    SELECT happened_at, 0, is_first::INTEGER, 1, cents, 0, CASE WHEN is_first THEN cents ELSE 0 END FROM sale
    UNION ALL
    SELECT back.happened_at, 0, 0, 0, 0, coalesce(back.cents, sale.cents), 0
    FROM entry AS back JOIN sale ON sale.number = back.sale
    WHERE back.type = 4
  )
SELECT strftime(date_trunc('$SPAN', happened_at), '%Y-%m-%d') AS start,
       sum(new_customers)::INTEGER                            AS newCustomers,
       sum(new_paying)::INTEGER                               AS newPayingCustomers,
       sum(sales)::INTEGER                                    AS sales,
       sum(gross)::DOUBLE                                     AS gross,
       sum(refunds)::DOUBLE                                   AS refunds,
       sum(first_gross)::DOUBLE                               AS firstGross
FROM part
WHERE $RANGE
GROUP BY 1
ORDER BY 1
