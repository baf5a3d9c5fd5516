-- How many customers besides the candidates have the text, listed or not? Continues after the last candidate.
-- Chosen: collect-by-text.sql found more than are kept.
-- Reads: customer_text, and the last row of the table candidate.
SELECT count(*)
FROM customer AS c INDEXED BY customer_text
WHERE c.id > (SELECT customer_id FROM temp.candidate ORDER BY position DESC LIMIT 1)
  AND /* conditions */ TRUE
