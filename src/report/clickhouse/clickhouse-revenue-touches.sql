-- How many customers were new on each day of a range? (definitions §7)
-- :base is the lowest rev of this filling. :firstDay to :lastDay are days since 1970-01-01 in the workspace's zone.
SELECT f.first_touch_day AS day,
       count()           AS newCustomers
FROM facts_v1 AS f FINAL
WHERE f.customer > 0 AND f.rev >= {base:UInt64} AND f.first_touch_day BETWEEN {firstDay:Int32} AND {lastDay:Int32}
GROUP BY day
