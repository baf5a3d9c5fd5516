-- Which is the customer's latest conversion of any status, in log order? (definitions §9: a lead, a sale or a custom milestone)
-- :customerId is the row of customer. Types: 1 lead, 2 sale, 3 custom.
SELECT id
FROM entry
WHERE customer_id = :customerId AND type BETWEEN 1 AND 3
ORDER BY at DESC, type DESC, key DESC
LIMIT 1
