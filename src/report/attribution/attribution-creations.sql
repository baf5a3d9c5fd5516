-- Which creations of the customer say where they came from? In log order, in which they follow all entries of their instant. (definitions §1, §9)
-- :customerId is the row of customer. Type 5 is a creation; it has neither link nor medium.
SELECT 0    AS id,
       5    AS type,
       at,
       NULL AS link,
       campaign,
       source,
       NULL AS medium,
       click_id AS clickId,
       0    AS isCountedSale,
       NULL AS netMinor
FROM profile_update
WHERE customer_id = :customerId AND is_creation AND (source IS NOT NULL OR campaign IS NOT NULL)
ORDER BY at, key
