-- Whose text has the one that is searched? The first :most of them, to be checked by check-candidates.sql: some are not listed.
-- Erased customers have no text, so none of them is found.
-- Chosen: a search alone, of a text that is too short for the search index or that very many have.
-- Reads: customer_text.
INSERT INTO temp.candidate (customer_id)
SELECT c.id
FROM customer AS c INDEXED BY customer_text
WHERE /* conditions */ TRUE
ORDER BY c.id
LIMIT :most
