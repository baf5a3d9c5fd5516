-- How many members has each acquisition month? (definitions §8)
-- :base is the lowest rev of this filling. :firstMonth to :lastMonth are the acquisition months, since year 0. :erasedOnly is 1 for erased members
-- alone.
SELECT f.cohort_month AS cohortMonth,
       count()        AS customers
FROM facts_v1 AS f FINAL
WHERE f.customer > 0 AND f.rev >= {base:UInt64} AND f.cohort_month > 0
  AND f.cohort_month BETWEEN {firstMonth:Int32} AND {lastMonth:Int32} AND f.erased >= {erasedOnly:UInt8}
GROUP BY cohortMonth
