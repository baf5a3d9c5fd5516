-- How many customers are credited for each key in a range of days? (definitions §9) Each is counted on their first day with credit there: the one
-- whose day before with credit is before the range. The comment of one word is a hole: source, campaign or link.
-- :base is the lowest rev of this filling. :firstDay to :lastDay are days since 1970-01-01 in the workspace's zone; :start is the first of them,
-- or a day after no day for a range without a start.
SELECT c_key        AS keyId,
       sum(c_last)  AS last,
       sum(c_first) AS first,
       sum(c_every) AS every
FROM facts_v1 AS f FINAL
ARRAY JOIN /*grouping*/_customer.key AS c_key, /*grouping*/_customer.last AS c_last, /*grouping*/_customer.first AS c_first,
           /*grouping*/_customer.every AS c_every, /*grouping*/_customer.day AS c_day, /*grouping*/_customer.previous AS c_previous
WHERE f.customer > 0 AND f.rev >= {base:UInt64} AND c_day BETWEEN {firstDay:Int32} AND {lastDay:Int32} AND c_previous < {start:Int32}
GROUP BY keyId
