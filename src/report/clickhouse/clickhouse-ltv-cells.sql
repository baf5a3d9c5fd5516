-- How much revenue did the members of each acquisition month make in each period, and how many were active and new? (definitions §8)
-- :base is the lowest rev of this filling. :firstMonth to :lastMonth are the acquisition months, since year 0. Nothing after :lastMonth is
-- counted. :period is 'calendar' or 'elapsed'. :erasedOnly is 1 for erased members alone.
SELECT f.cohort_month                                                             AS cohortMonth,
       if({period:String} = 'elapsed', c_period, c_month - f.cohort_month)        AS k,
       sum(toInt128(c_gross_minor)) - sum(toInt128(c_refunds_minor))              AS revenueMinor,
       sum(if({period:String} = 'elapsed', c_active_period, c_active_month))      AS activeCustomers,
       sum(c_new_paying)                                                          AS newPaying
FROM facts_v1 AS f FINAL
ARRAY JOIN cell.period AS c_period, cell.month AS c_month, cell.gross_minor AS c_gross_minor, cell.refunds_minor AS c_refunds_minor,
           cell.active_period AS c_active_period, cell.active_month AS c_active_month, cell.new_paying AS c_new_paying
WHERE f.customer > 0 AND f.rev >= {base:UInt64} AND f.cohort_month > 0
  AND f.cohort_month BETWEEN {firstMonth:Int32} AND {lastMonth:Int32} AND c_month <= {lastMonth:Int32}
  AND f.erased >= {erasedOnly:UInt8}
GROUP BY cohortMonth, k
