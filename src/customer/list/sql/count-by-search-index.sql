-- How many have this phrase in their text, listed or not?
-- Chosen: a search alone, of a text in plain ASCII that more have than are kept as candidates.
-- :phrase: a quoted phrase of customer_search.
-- Reads: customer_search.
SELECT count(*)
FROM customer_search
WHERE customer_search MATCH :phrase
