-- Which creations of the customer say where they came from, from :fromAt on? In no order. (definitions §1, §9)
-- The columns are those of activity-entries.sql. :customerId is the row of customer. :fromAt is in milliseconds.
-- Type 5 is a creation; it has no link.
SELECT 0    AS id,
       at,
       5    AS type,
       source,
       campaign,
       NULL AS link,
       click_id AS clickId,
       key,
       NULL AS netMinor
FROM profile_update
WHERE customer_id = :customerId AND is_creation AND at >= :fromAt AND (source IS NOT NULL OR campaign IS NOT NULL)
