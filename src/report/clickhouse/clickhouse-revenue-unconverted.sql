-- Which sales of a range have no rate, and which refunds of theirs are in the range too? Amounts are in their own currency. (definitions §3)
-- :base is the lowest rev of this filling. :firstDay to :lastDay are days since 1970-01-01 in the workspace's zone.
SELECT u_currency                     AS currency,
       sum(toInt128(u_sales))         AS sales,
       sum(toInt128(u_gross_minor))   AS grossMinor,
       sum(toInt128(u_refunds_minor)) AS refundsMinor
FROM facts_v1 AS f FINAL
ARRAY JOIN unconverted.currency AS u_currency, unconverted.sales AS u_sales, unconverted.gross_minor AS u_gross_minor,
           unconverted.refunds_minor AS u_refunds_minor, unconverted.sale_day AS u_sale_day, unconverted.entry_day AS u_entry_day
WHERE f.customer > 0 AND f.rev >= {base:UInt64} AND u_sale_day BETWEEN {firstDay:Int32} AND {lastDay:Int32}
  AND u_entry_day BETWEEN {firstDay:Int32} AND {lastDay:Int32}
GROUP BY currency
HAVING sales > 0
ORDER BY currency
