-- How many touches of the customer within a range are not after the first counted sale, as if there were nothing outside the range? (definitions §9)
-- :customerId is the row of customer. The range is from :startAt to before :endAt, and :firstSaleAt is the instant of that sale, in milliseconds.
-- Types: 0 click, 1 lead, 2 sale, 3 custom, 5 creation. What says the same source and campaign within 30 minutes (1,800,000 ms) is no touch.
WITH
  origin AS (
    SELECT at, type, key, source, campaign, click_id
    FROM entry
    WHERE customer_id = :customerId AND at >= :startAt AND at < :endAt AND at <= :firstSaleAt
      AND (type = 0 OR (type <> 4 AND (source IS NOT NULL OR campaign IS NOT NULL OR link IS NOT NULL)))
    UNION ALL
    SELECT at, 5, key, source, campaign, click_id
    FROM profile_update
    WHERE customer_id = :customerId AND at >= :startAt AND at < :endAt AND at < :firstSaleAt
      AND is_creation AND (source IS NOT NULL OR campaign IS NOT NULL)
  ),
  told AS (
    SELECT at, type, key, click_id, lag(at) OVER (PARTITION BY source, campaign ORDER BY at, type, key) AS before_at
    FROM origin
  ),
  first_sale AS (
    SELECT at, type, key
    FROM entry
    WHERE customer_id = :customerId AND at = :firstSaleAt AND type = 2 AND is_counted AND amount_minor IS NOT NULL
    ORDER BY key
    LIMIT 1
  )
SELECT count(*)
FROM told, first_sale
WHERE (told.at, told.type, told.key) <= (first_sale.at, first_sale.type, first_sale.key)
  AND (told.type = 0 OR (told.click_id IS NULL AND (told.before_at IS NULL OR told.at - told.before_at > 1800000)))
