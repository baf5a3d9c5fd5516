-- How many of the new and new paying customers of each day of a range were erased? A day can have several rows, which add up. (definitions §7, §10)
-- :base is the lowest rev of this filling. The first touch or first sale is from :startAt to before :endAt, in milliseconds.
SELECT f.first_touch_day AS day,
       count()           AS newCustomers,
       toUInt64(0)       AS newPayingCustomers
FROM facts_v1 AS f FINAL
WHERE f.customer > 0 AND f.rev >= {base:UInt64} AND f.erased AND f.first_touch_at >= {startAt:Int64} AND f.first_touch_at < {endAt:Int64}
GROUP BY day
UNION ALL
SELECT f.first_sale_day, toUInt64(0), count()
FROM facts_v1 AS f FINAL
WHERE f.customer > 0 AND f.rev >= {base:UInt64} AND f.erased AND f.sales > 0
  AND f.first_sale_at >= {startAt:Int64} AND f.first_sale_at < {endAt:Int64}
GROUP BY f.first_sale_day
