-- Which creations of the customers after :after, up to :upTo, say where they came from, from :fromAt on and before :toAt? In log order,
-- in which they follow all entries of their instant. (definitions §1, §9) The columns are those of attribution-totals-entries.sql.
-- :after and :upTo are rows of customer; :fromAt and :toAt are milliseconds. Type 5 is a creation; it has no link.
SELECT customer_id AS customerId,
       at,
       5           AS type,
       source,
       campaign,
       NULL        AS link,
       click_id    AS clickId,
       0           AS isCountedSale,
       0           AS valueMinor,
       0           AS appliedRefundMinor,
       NULL        AS unconvertedCurrency
FROM profile_update
WHERE customer_id > :after AND customer_id <= :upTo AND is_creation AND at >= :fromAt AND at < :toAt
  AND (source IS NOT NULL OR campaign IS NOT NULL)
ORDER BY customer_id, at, key
