-- How much was each key touched on the days of a range, and how much credit do its sales give it? (definitions §9)
-- The comments of one word are holes: source, campaign or link, and the models' columns and figures. Only named columns are read.
-- Sales are in ten-thousandths, money is in minor units.
-- :base is the lowest rev of this filling. :firstDay to :lastDay are days since 1970-01-01 in the workspace's zone.
SELECT c_key          AS keyId,
       sum(c_touches) AS touches,
       sum(c_clicks)  AS clicks,
       /*figures*/
FROM facts_v1 AS f FINAL
ARRAY JOIN /*grouping*/_credit.key AS c_key, /*grouping*/_credit.touches AS c_touches, /*grouping*/_credit.clicks AS c_clicks,
           /*grouping*/_credit.day AS c_day/*columns*/
WHERE f.customer > 0 AND f.rev >= {base:UInt64} AND c_day BETWEEN {firstDay:Int32} AND {lastDay:Int32}
GROUP BY keyId
