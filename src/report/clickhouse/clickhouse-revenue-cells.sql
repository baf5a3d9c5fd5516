-- What happened on each day of a range: first sales, sales and refunds? (definitions §7)
-- :base is the lowest rev of this filling. :firstDay to :lastDay are days since 1970-01-01 in the workspace's zone.
SELECT c_day                             AS day,
       sum(c_new_paying)                 AS newPayingCustomers,
       sum(toInt128(c_sales))            AS sales,
       sum(toInt128(c_gross_minor))      AS grossMinor,
       sum(toInt128(c_refunds_minor))    AS refundsMinor,
       sum(toInt128(c_first_sale_minor)) AS firstSaleMinor
FROM facts_v1 AS f FINAL
ARRAY JOIN cell.day AS c_day, cell.new_paying AS c_new_paying, cell.sales AS c_sales, cell.gross_minor AS c_gross_minor,
           cell.refunds_minor AS c_refunds_minor, cell.first_sale_minor AS c_first_sale_minor
WHERE f.customer > 0 AND f.rev >= {base:UInt64} AND c_day BETWEEN {firstDay:Int32} AND {lastDay:Int32}
GROUP BY day
