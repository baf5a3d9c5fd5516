-- How many have this phrase in their text, listed or not?
-- Chosen: the only condition is a search for ASCII text, and more customers have it than are kept as candidates.
-- :phrase: a quoted phrase of customer_search.
-- Reads: customer_search.
SELECT count(*)
FROM customer_search
WHERE customer_search MATCH :phrase
