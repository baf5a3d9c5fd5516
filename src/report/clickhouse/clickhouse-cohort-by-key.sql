-- What became of the customers of each campaign or source whose first touch is in a range? (definitions §7)
-- :grouping is 'campaign' or 'source'. :limit is the maximum number of rows, and rows their number without it.
-- :base is the lowest rev of this filling. The first touch is on the days :firstDay to :lastDay, since 1970-01-01 in the workspace's zone, or from
-- :headFrom to before :headTo, or from :tailFrom to before :tailTo, in milliseconds.
SELECT if({grouping:String} = 'source', f.source, f.campaign) AS key,
       count()                         AS customers,
       sum(f.has_lead)                 AS leads,
       countIf(f.sales > 0)            AS payingCustomers,
       sum(toInt128(f.sales))          AS sales,
       sum(toInt128(f.gross_minor))    AS grossMinor,
       sum(toInt128(f.refunds_minor))  AS refundsMinor,
       countIf(f.sales > 1)            AS repeatCustomers,
       count() OVER ()                 AS rows
FROM facts_v1 AS f FINAL
WHERE f.customer > 0 AND f.rev >= {base:UInt64}
  AND (f.first_touch_day BETWEEN {firstDay:Int32} AND {lastDay:Int32}
       OR (f.first_touch_at >= {headFrom:Int64} AND f.first_touch_at < {headTo:Int64})
       OR (f.first_touch_at >= {tailFrom:Int64} AND f.first_touch_at < {tailTo:Int64}))
GROUP BY key
ORDER BY customers DESC, key
LIMIT {limit:UInt32}
