-- Which are the customer's clicks, in log order? (definitions §1, §9)
SELECT at, click_id AS clickId, link, campaign, source, medium
FROM entry
WHERE customer_id = :customerId AND type = 0
ORDER BY at, key
