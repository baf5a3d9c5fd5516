-- Whose text has this phrase? Collects the first :most of them, to be checked by check-candidates.sql.
-- :phrase: the searched text, or its rarest parts joined by AND.
-- Chosen: the searched text has at least three characters, and few customers have it.
-- Reads: customer_search.
INSERT INTO temp.candidate (customer_id)
SELECT rowid
FROM customer_search
WHERE customer_search MATCH :phrase
LIMIT :most
