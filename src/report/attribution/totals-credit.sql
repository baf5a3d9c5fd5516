-- How much was each source, campaign or link touched in a range of days, and how much credit do its sales give it under each model? (definitions §9)
-- Whole months are [:firstMonth, :lastMonth], and the days around them [:firstDay, :dayBefore] and [:dayAfter, :lastDay].
-- :grouping: 0 source, 1 campaign, 2 link. unit: 0 day, 1 month. Sales are in ten-thousandths of a sale, money is in minor units.
WITH part AS (
  SELECT * FROM credit_total WHERE grouping = :grouping AND unit = 1 AND period BETWEEN :firstMonth AND :lastMonth
  UNION ALL
  SELECT * FROM credit_total WHERE grouping = :grouping AND unit = 0 AND period BETWEEN :firstDay AND :dayBefore
  UNION ALL
  SELECT * FROM credit_total WHERE grouping = :grouping AND unit = 0 AND period BETWEEN :dayAfter AND :lastDay
), of_key AS (
  SELECT key_id,
         sum(touches)          AS touches,
         sum(clicks)           AS clicks,
         sum(last_sales)       AS last_sales,
         sum(first_sales)      AS first_sales,
         sum(linear_sales)     AS linear_sales,
         sum(position_sales)   AS position_sales,
         sum(time_decay_sales) AS time_decay_sales,
         sum(last_minor)       AS last_minor,
         sum(first_minor)      AS first_minor,
         sum(linear_minor)     AS linear_minor,
         sum(position_minor)   AS position_minor,
         sum(time_decay_minor) AS time_decay_minor
  FROM part
  GROUP BY key_id
)
SELECT k.id AS keyId, k.text, of_key.*
FROM of_key
CROSS JOIN credit_key AS k ON k.id = of_key.key_id
