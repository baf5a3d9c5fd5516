-- Which sources and campaigns brought the customer within a range, in order of first appearance? The creation is a touch too. (definitions §6)
WITH
  touch AS (
    SELECT at, type, key, source, campaign
    FROM entry
    WHERE customer_id = :customerId AND at >= :startAt AND at < :endAt AND (source IS NOT NULL OR campaign IS NOT NULL)
    UNION ALL
    SELECT at, 5, key, source, campaign
    FROM telling
    WHERE customer_id = :customerId AND made AND at >= :startAt AND at < :endAt
  ),
  placed AS (
    SELECT source, campaign, row_number() OVER (ORDER BY at, type, key) AS place FROM touch
  )
SELECT 'source' AS kind, source AS name, min(place) AS place FROM placed WHERE source IS NOT NULL GROUP BY source
UNION ALL
SELECT 'campaign', campaign, min(place) FROM placed WHERE campaign IS NOT NULL GROUP BY campaign
ORDER BY place
