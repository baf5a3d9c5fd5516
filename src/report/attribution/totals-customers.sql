-- In which periods are customers credited for each source, campaign or link in a range of days? (definitions §9) `counts` has the numbers of
-- them by the day before the period on which they were credited (src/credit/pair-counts.ts).
-- Whole months are [:firstMonth, :lastMonth], and the days around them [:firstDay, :dayBefore] and [:dayAfter, :lastDay].
-- :grouping: 0 source, 1 campaign, 2 link, 3 everybody. unit: 0 day, 1 month.
SELECT key_id, counts
FROM credit_customer
WHERE grouping = :grouping AND unit = 1 AND period BETWEEN :firstMonth AND :lastMonth
UNION ALL
SELECT key_id, counts
FROM credit_customer
WHERE grouping = :grouping AND unit = 0 AND period BETWEEN :firstDay AND :dayBefore
UNION ALL
SELECT key_id, counts
FROM credit_customer
WHERE grouping = :grouping AND unit = 0 AND period BETWEEN :dayAfter AND :lastDay
