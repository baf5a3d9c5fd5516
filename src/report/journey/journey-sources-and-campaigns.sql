-- Which sources and campaigns did the customer's touches within a range have, in log order? The creation is a touch too. (definitions §1, §6)
-- :customerId is the row of customer. The range is from :startAt to before :endAt, in milliseconds. Type 5 is a creation.
SELECT source, campaign
FROM (
  SELECT at, type, key, source, campaign
  FROM entry
  WHERE customer_id = :customerId AND at >= :startAt AND at < :endAt AND (source IS NOT NULL OR campaign IS NOT NULL)
  UNION ALL
  SELECT at, 5, key, source, campaign
  FROM profile_update
  WHERE customer_id = :customerId AND is_creation AND at >= :startAt AND at < :endAt
)
ORDER BY at, type, key
