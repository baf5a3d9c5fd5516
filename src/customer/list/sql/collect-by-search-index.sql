-- Whose text has this phrase? The first :most of them, to be checked by check-candidates.sql.
-- :phrase is the text that is searched, or its rarest parts joined by AND.
-- Chosen: a text of three characters and more is searched, and few have it.
-- Reads: customer_search.
INSERT INTO temp.candidate (customer_id)
SELECT rowid
FROM customer_search
WHERE customer_search MATCH :phrase
LIMIT :most
