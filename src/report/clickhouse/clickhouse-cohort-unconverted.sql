-- Which sales of the customers whose first touch is in a range have no rate? Amounts are in their own currency. (definitions §3)
-- :base is the lowest rev of this filling. The first touch is on the days :firstDay to :lastDay, since 1970-01-01 in the workspace's zone, or from
-- :headFrom to before :headTo, or from :tailFrom to before :tailTo, in milliseconds.
-- :lastMonth is the last month, since year 0, whose sales and refunds are counted.
SELECT u_currency                      AS currency,
       sum(toInt128(u_sales))          AS sales,
       sum(toInt128(u_gross_minor))    AS grossMinor,
       sum(toInt128(u_refunds_minor))  AS refundsMinor
FROM facts_v1 AS f FINAL
ARRAY JOIN unconverted.currency AS u_currency, unconverted.sales AS u_sales, unconverted.gross_minor AS u_gross_minor,
           unconverted.refunds_minor AS u_refunds_minor, unconverted.month AS u_month
WHERE f.customer > 0 AND f.rev >= {base:UInt64}
  AND (f.first_touch_day BETWEEN {firstDay:Int32} AND {lastDay:Int32}
       OR (f.first_touch_at >= {headFrom:Int64} AND f.first_touch_at < {headTo:Int64})
       OR (f.first_touch_at >= {tailFrom:Int64} AND f.first_touch_at < {tailTo:Int64}))
  AND u_month <= {lastMonth:Int32}
GROUP BY currency
HAVING sales > 0
ORDER BY currency
