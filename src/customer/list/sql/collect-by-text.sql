-- Whose text contains the searched text? Collects the first :most of them, to be checked by check-candidates.sql, as some may not be listed.
-- Erased customers have no text, so none of them is found.
-- Chosen: all conditions are searches, and the text is too short for the search index or very common.
-- Reads: customer_text.
INSERT INTO temp.candidate (customer_id)
SELECT c.id
FROM customer AS c INDEXED BY customer_text
WHERE /* conditions */ TRUE
ORDER BY c.id
LIMIT :most
