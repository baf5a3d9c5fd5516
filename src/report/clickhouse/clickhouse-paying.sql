-- How many customers have a sale in a range of days? (definitions §9) Each is counted on their first day with one there.
-- :base is the lowest rev of this filling. :firstDay to :lastDay are days since 1970-01-01 in the workspace's zone; :start is the first of them,
-- or a day after no day for a range without a start.
SELECT count() AS every
FROM facts_v1 AS f FINAL
ARRAY JOIN paying.day AS p_day, paying.previous AS p_previous
WHERE f.customer > 0 AND f.rev >= {base:UInt64} AND p_day BETWEEN {firstDay:Int32} AND {lastDay:Int32} AND p_previous < {start:Int32}
